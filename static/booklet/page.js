// Small tools of the screen: elements, sentences of the page's language, questions, what is read out.

const sentences = new Map();

/** The booklet's page as it lies on the device; throws where it does not. */
export async function keptPage() {
  const kept = await caches.match("/booklet", { ignoreVary: true });
  return new DOMParser().parseFromString(await kept.text(), "text/html");
}

/** Takes in the sentences of a page: of the one that is open, or of the booklet's as it lies on the device. */
export const learn = (page) => page.getElementById("words")?.content.querySelectorAll("data").forEach((each) => sentences.set(each.value, each.textContent));
learn(document);

/** A sentence by its key, with {places} filled in; nothing where there is none. */
export const t = (key, values = {}) => (sentences.get(key) ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
export const label = (thing) => thing?.[document.documentElement.lang === "en" ? "label_en" : "label"] ?? "";

/** An element: properties (`class`, `on…` and what an element has; attributes otherwise), then children; null ones are left out. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if ((value ?? false) === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && (typeof value !== "string" || tag === "textarea")) made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(3).filter((child) => (child || false) !== false));
  return made;
}

export const byId = (id) => document.getElementById(id);
export const small = (...text) => el("small", {}, ...text);
export const button = (text, onclick, kind) => el("button", { type: "button", class: kind, onclick }, text);

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
  fieldOf(el(tag, { name, autocomplete: "off", required: optional === false, ...props }), text, hint, optional);
export const choose = (name, text, options, chosen = "", { blank = t("choose"), optional = true, hint } = {}) =>
  fieldOf(select(name, options, chosen, blank, { required: !optional }), text, hint, optional);
export const select = (name, options, chosen = "", blank = "", props = {}) =>
  el("select", { name, ...props }, blank && el("option", { value: "" }, blank), options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
export const tick = (name, text, isChecked, hint) =>
  el("div", { class: "field" }, el("label", { class: "tick" }, el("input", { type: "checkbox", name, checked: isChecked }), el("span", {}, text, hint && small(hint))));

export const actions = (...children) => el("p", { class: "actions" }, children);

/** A form with a button named `text`, working. */
export const form = (send, text, ...children) => working(el("form", {}, children, actions(el("button", { class: "primary" }, text))), send);

/** A form of the page's own (a template), working. */
export const ready = (id, send) => working(byId(id).content.firstElementChild.cloneNode(true), send);

/** Has a form work once at a time; `send` throws {field, text} for what is wrong, which is then shown beside the field. */
function working(made, send) {
  made.noValidate = true;
  made.onsubmit = async (event) => {
    event.preventDefault();
    if (made.matches("[aria-busy]")) return;
    made.setAttribute("aria-busy", "true");
    made.querySelectorAll(".wrong, .notice").forEach((each) => each.remove());
    made.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
    try {
      await send(Object.fromEntries([...made.elements].filter((each) => each.name).map((each) => [each.name, each.type === "checkbox" ? each.checked : each.files?.[0] ?? each.value.trim()])));
    } catch (problem) {
      wrong(made, problem);
    } finally {
      made.removeAttribute("aria-busy");
    }
  };
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
