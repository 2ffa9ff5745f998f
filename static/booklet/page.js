// Small tools of the screen: elements, sentences of the page's language, questions, what is read out.

const sentences = new Map([...document.getElementById("words").content.querySelectorAll("data")].map((each) => [each.value, each.textContent]));
const isVietnamese = document.documentElement.lang !== "en";

/** A sentence by its key, with {places} filled in; nothing where there is none. */
export const t = (key, values = {}) => (sentences.get(key) ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
export const has = (key) => sentences.has(key);
export const label = (thing) => (thing ? (isVietnamese ? thing.label : thing.label_en) : "");

/** An element: properties (`class`, `on…` and what an element has; attributes otherwise), then children; null ones are left out. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

export const byId = (id) => document.getElementById(id);
export const small = (...text) => el("small", {}, ...text);
export const button = (text, onclick, kind = "", more = {}) => el("button", { type: "button", class: kind, onclick, ...more }, text);

const TONES = { good: "✓", warn: "△", bad: "✕", info: "◔", calm: "○" };
export const badge = (tone, text) => el("span", { class: `badge ${tone}` }, el("span", { "aria-hidden": "true" }, TONES[tone]), ` ${text}`);
export const notice = (tone, ...text) => el("div", { class: `notice ${tone}`, role: tone === "bad" && "alert" }, el("div", {}, text.map((each) => (each.nodeType ? each : el("p", {}, each)))));

let serial = 0;
const fieldOf = (input, text, hint, optional) => {
  input.id ||= `f${++serial}`;
  const about = `${input.id}-hint`;
  if (hint) input.setAttribute("aria-describedby", about);
  return el("div", { class: "field" }, el("label", { for: input.id }, text, optional && [" ", small(t("optional"))]), hint && el("p", { class: "hint", id: about }, hint), input);
};
export const field = (name, text, { hint, optional = true, tag = "input", ...props } = {}) =>
  fieldOf(el(tag, { name, autocomplete: "off", required: !optional, ...props }), text, hint, optional);
export const choose = (name, text, options, chosen = "", { blank = t("choose"), optional = true, hint } = {}) =>
  fieldOf(select(name, options, chosen, blank, { required: !optional }), text, hint, optional);
export const select = (name, options, chosen = "", blank = "", props = {}) =>
  el("select", { name, ...props }, blank && el("option", { value: "" }, blank), options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
export const tick = (name, text, isChecked, hint) =>
  el("div", { class: "field" }, el("label", { class: "tick" }, el("input", { type: "checkbox", name, checked: isChecked }), el("span", {}, text, hint && small(hint))));

/** A form that works once at a time; `send` throws {field, text} (or [them]) for what is wrong, which is then shown beside the field. */
export function form(send, ...children) {
  const made = el("form", { novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    if (made.matches("[aria-busy]")) return;
    made.setAttribute("aria-busy", "true");
    made.querySelectorAll(".wrong, .notice").forEach((each) => each.remove());
    made.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
    try {
      await send(Object.fromEntries([...made.elements].filter((each) => each.name).map((each) => [each.name, each.type === "checkbox" ? each.checked : each.type === "file" ? each.files[0] : each.value.trim()])), event.submitter);
    } catch (problem) {
      wrong(made, problem);
    } finally {
      made.removeAttribute("aria-busy");
    }
  } }, ...children);
  return made;
}

function wrong(made, problem) {
  const input = problem.field && made.elements[problem.field];
  if (!input) {
    const said = notice("bad", problem.text ?? t(problem.name === "QuotaExceededError" ? "full" : "failed"));
    said.tabIndex = -1;
    made.prepend(said);
    said.focus();
    if (!problem.text) console.warn(problem);
    return;
  }
  const id = `${input.id}-error`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  input.before(el("p", { class: "wrong", id }, problem.text));
  input.focus();
}

/** Asks yes or no. */
export function sure(question) {
  const dialog = byId("ask").content.firstElementChild.cloneNode(true);
  dialog.querySelector("p").textContent = question;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => {
    dialog.remove();
    done(dialog.returnValue === "yes");
  }));
}

/** Says something on top of the page; it is read out. */
export function say(tone, ...text) {
  byId("notice").replaceChildren(notice(tone, ...text));
}

export const day = (value) => (value ?? "").slice(0, 10).split("-").reverse().join("/");
export const money = (value) => `${(value ?? 0).toLocaleString("vi-VN")}\u00a0đ`;
export const moment = (value) => (value ? new Date(value).toLocaleString("vi-VN", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Ho_Chi_Minh" }) : "");
