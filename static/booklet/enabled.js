// On ordinary pages of a device with a booklet: what a form cannot send goes to the outbox, the count of what waits stands in the
// header, and signing out asks first. Only numbers are read here; nothing is opened. The sentences are those of the booklet's page.

import { byId, keptPage, learn, t } from "./page.js";
import { leave } from "./outbox.js";
import { ownedBy, unsent } from "./store.js";
import { saving } from "./carry.js";

const REPORTED = ["event_date", "evidence", "note", "entitlement", "effective"];
const MARKS = {
  counter: { state: "paid", how: "counter" },
  home: { state: "paid", how: "home" },
  alternate: { state: "paid", how: "counter", to: "alternate" },
};
const instant = () => new Date().toISOString().replace(/\.\d+/, "");
const readable = (text) => (text ? JSON.parse(text) : null);

/** The edits a form stands for, [{edit, about, of, n}]; empty where they cannot be told without the server. */
function editsOf(form, submitter) {
  const [, noun, id, deed, more] = new URL(form.getAttribute("action"), location.href).pathname.split("/");
  const data = new FormData(form);
  const fields = new Map(data);
  const token = `form:${fields.get("_edit")}`;
  if (noun === "payments" && deed === "marks") return marked(form, submitter, id, fields, `${token}:${id}`);
  if (noun === "payments" && more === "marks") return markedTogether(data, fields, token);
  if (noun === "people" && deed === "edit") return corrected(form, id, fields, token);
  if (noun === "changes" && id === "new") return reported(fields);
  return [];
}

const mark = (record, seen, wanted, about, of, n) => ({ edit: { kind: "payment", record, op: "set", set: { mark: [seen, wanted] }, at: wanted.at }, about, of, n });

function marked({ dataset }, submitter, id, fields, of) {
  const at = instant();
  const said = submitter?.value;
  const reason = fields.get("reason");
  const wanted = said in MARKS ? { to: dataset.to ?? "self", ...MARKS[said], at } : said === "uncollected" && reason && { state: said, reason, at };
  return wanted && dataset.about ? [mark(id, readable(fields.get("seen")), wanted, dataset.about, of)] : [];
}

/** The chosen rows of a session, numbered as the server numbers them. */
function markedTogether(data, fields, of) {
  return data.getAll("line").map((id, index) => {
    const { dataset } = document.querySelector(`#row-${CSS.escape(id)} form`);
    return mark(id, readable(fields.get(`seen.${id}`)), { to: dataset.to ?? "self", ...MARKS.counter, at: instant() }, dataset.about, of, index + 1);
  });
}

function corrected(form, id, fields, of) {
  const set = {};
  for (const [key, text] of fields) {
    if (!key.startsWith("seen.")) continue;
    const name = key.slice(5);
    const inputs = [...form.querySelectorAll("input, select, textarea")].filter((each) => each.name === name || each.name.startsWith(`${name}.`));
    const [input] = inputs;
    // A value of several parts, or one that is half hidden, the server has to read.
    if (inputs.length !== 1 || input.type === "radio" || text.startsWith("=")) {
      if (inputs.some(isChanged)) return [];
      continue;
    }
    const seen = JSON.parse(text);
    const wanted = input.type === "checkbox" ? input.checked || (seen === null ? null : false) : input.value.trim() || null;
    if (isChanged(input) || input.closest(".invalid")) set[name] = [seen, wanted];
  }
  const why = fields.get("why")?.trim();
  const about = document.querySelector("h1").textContent.split(": ").pop();
  return Object.keys(set).length ? [{ edit: { kind: "person", record: id, op: "set", set, ...why && { why } }, about, of }] : [];
}

function isChanged(input) {
  if (["checkbox", "radio"].includes(input.type)) return input.checked !== input.defaultChecked;
  return input.value !== (input.options ? [...input.options].find((each) => each.defaultSelected)?.value ?? "" : input.defaultValue);
}

/** A death or another end. What the law makes of it is worked out when it arrives. */
function reported(fields) {
  const given = (name) => fields.get(name)?.trim();
  if (!["decrease", "suspension"].includes(given("type")) || !["person", "reason", "event_date"].every(given)) return [];
  const pairs = ["person", "reason", ...REPORTED].filter(given).map((name) => [name, [null, given(name)]]);
  const about = document.querySelector("main h2, .card b, h1").textContent.trim();
  return [{ edit: { kind: "change", record: fields.get("record"), op: "create", set: Object.fromEntries(pairs) }, about }];
}

const account = () => document.querySelector("[data-account]")?.dataset.account;
const mine = async () => account() && ownedBy(account());

/** Puts what a form could not send into the outbox; answers what to say, or null where this device has no booklet of theirs. */
export async function handIn(form, submitter) {
  await learned;
  const booklet = await mine();
  if (!booklet) return null;
  const found = editsOf(form, submitter);
  if (!found.length) return { text: t("form.waits") };
  try {
    await leave(booklet, found);
  } catch (problem) {
    if (problem.name !== "QuotaExceededError") throw problem;
    return { text: t("form.full") };
  }
  await tellUnsent(booklet);
  return { text: t("form.left"), link: t("form.open") };
}

/** Says how many wait, and has the button that signs out ask first, with the file of what waits to take along. */
async function tellUnsent(booklet) {
  const n = booklet ? await unsent(booklet.id) : 0;
  const out = document.querySelector("form[action='/sign-out'] button");
  const link = byId("unsent") ?? Object.assign(document.createElement("a"), { id: "unsent", href: "/booklet#o", className: "badge warn" });
  link.textContent = t("unsent", { n });
  if (n) out?.closest(".tools").prepend(link);
  else link.remove();
  if (!out) return;
  if (n) out.dataset.confirm = t("leaving", { n });
  else delete out.dataset.confirm;
  out.onasked = (dialog) => dialog.querySelector(".actions").append(saving(booklet.id));
}

let learned; // promised: the booklet's page, whose sentences are ours, too

export const watch = () => { learned = lookUp(); };

async function lookUp() {
  const shell = await keptPage();
  learn(shell);
  const now = async () => {
    // A page that asks nothing of its own carries no dialog.
    if (!byId("ask")) document.body.append(shell.getElementById("ask").cloneNode(true));
    await tellUnsent(await mine());
  };
  addEventListener("pageshow", now);
  addEventListener("focus", now);
  document.addEventListener("htmx:after:swap", now);
  await now();
}
