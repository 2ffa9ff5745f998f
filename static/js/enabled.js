// On a device with a booklet: what a form cannot send goes to the outbox, the count of what waits stands in the header, and
// signing out asks first. Only numbers are read here; nothing is opened.

import { leave as drop } from "../booklet/outbox.js";
import { ownedBy, unsent } from "../booklet/store.js";

const isVietnamese = document.documentElement.lang !== "en";
const words = isVietnamese ? {
  left: "Chưa gửi được vì mất kết nối. Đã cất vào hộp gửi của sổ trên máy này; sẽ được gửi khi mở sổ lúc có mạng.",
  full: "Máy sắp hết chỗ nên không cất được vào hộp gửi. Xin giữ trang này và thử lại khi có mạng.",
  outbox: "Mở hộp gửi",
  unsent: (n) => `${n} chưa gửi`,
  leaving: (n) => `Máy này còn ${n} mục chưa gửi. Chúng vẫn nằm trong sổ, khoá bằng mã PIN, và chỉ được gửi khi mở sổ; có thể xuất ra tệp ở hộp gửi. Vẫn đăng xuất?`,
} : {
  left: "Not sent: no connection. It lies in the outbox of the booklet on this device, and is sent when the booklet is opened with a line.",
  full: "The device is almost full, so it could not be put into the outbox. Please keep this page and try again with a line.",
  outbox: "Open the outbox",
  unsent: (n) => `${n} not sent`,
  leaving: (n) => `${n} items of this device are not sent. They stay in the booklet, locked with the PIN, and are sent only when it is opened; the outbox can export them to a file. Sign out all the same?`,
};
const account = document.querySelector("[data-account]")?.dataset.account;
const REPORTED = ["event_date", "evidence", "note", "entitlement", "effective"];
const MARKS = {
  counter: { state: "paid", how: "counter" },
  home: { state: "paid", how: "home" },
  alternate: { state: "paid", how: "counter", to: "alternate" },
};

/** The edit a form stands for, {edit, about, of}; null where it cannot be told without the server. */
function editOf(form, submitter) {
  const [, noun, id, deed] = new URL(form.getAttribute("action"), location.href).pathname.split("/");
  const fields = new Map(new FormData(form));
  const token = fields.get("_edit");
  if (noun === "payments" && deed === "marks") return marked(form, submitter, id, fields, token);
  if (noun === "people" && deed === "edit") return corrected(form, id, fields, token);
  if (noun === "changes" && id === "new") return reported(fields);
  return null;
}

function marked(form, submitter, id, fields, token) {
  const at = new Date().toISOString().replace(/\.\d+/, "");
  const to = form.dataset.to ?? "self";
  const said = submitter?.value;
  const wanted = said in MARKS ? { to, ...MARKS[said], at } : said === "uncollected" && fields.get("reason") && { state: said, reason: fields.get("reason"), at };
  const seen = fields.get("seen") ? JSON.parse(fields.get("seen")) : null;
  return wanted && form.dataset.about
    ? { edit: { kind: "payment", record: id, op: "set", set: { mark: [seen, wanted] }, at }, about: form.dataset.about, of: `form:${token}:${id}` } : null;
}

function corrected(form, id, fields, token) {
  const set = {};
  for (const [key, text] of fields) {
    if (!key.startsWith("seen.")) continue;
    const name = key.slice(5);
    const inputs = [...form.querySelectorAll("input, select, textarea")].filter((each) => each.name === name || each.name.startsWith(`${name}.`));
    if (inputs.length !== 1 || inputs[0].type === "radio") {
      // A value of several parts, or one that is half hidden, the server has to read.
      if (inputs.some(isChanged)) return null;
      continue;
    }
    const [input] = inputs;
    if (text.startsWith("=")) {
      if (input.value) return null;
      continue;
    }
    const seen = JSON.parse(text);
    const wanted = input.type === "checkbox" ? input.checked || (seen === null ? null : false) : input.value.trim() || null;
    if (isChanged(input) || input.closest(".invalid")) set[name] = [seen, wanted];
  }
  const why = fields.get("why")?.trim();
  const about = document.querySelector("h1").textContent.split(": ").pop();
  return Object.keys(set).length ? { edit: { kind: "person", record: id, op: "set", set, ...why && { why } }, about, of: `form:${token}` } : null;
}

const isChanged = (input) => (["checkbox", "radio"].includes(input.type) ? input.checked !== input.defaultChecked
  : input.options ? [...input.options].some((each) => each.selected !== each.defaultSelected && (each.selected || each.defaultSelected)) && input.value !== ([...input.options].find((each) => each.defaultSelected)?.value ?? "")
    : input.value !== input.defaultValue);

/** A death or another end. What the law makes of it is worked out when it arrives. */
function reported(fields) {
  if (!fields.get("person") || !["decrease", "suspension"].includes(fields.get("type")) || !fields.get("reason") || !fields.get("event_date")) return null;
  const set = { person: fields.get("person"), reason: fields.get("reason") };
  REPORTED.forEach((name) => { if (fields.get(name)?.trim()) set[name] = fields.get(name).trim(); });
  const pairs = Object.entries(set).map(([name, value]) => [name, [null, value]]);
  const about = document.querySelector("main h2, .card b, h1").textContent.trim();
  return { edit: { kind: "change", record: fields.get("record"), op: "create", set: Object.fromEntries(pairs) }, about };
}

/** Puts what a form could not send into the outbox; answers what to say as nodes, or null where the form has to wait as it is. */
export async function leave(form, submitter) {
  const found = account && editOf(form, submitter);
  if (!found) return null;
  try {
    if (!await drop(account, found.edit, found.about, found.of)) return null;
  } catch (problem) {
    if (problem.name !== "QuotaExceededError") throw problem;
    return { text: words.full, isKept: false };
  }
  count();
  return { text: words.left, isKept: true, link: words.outbox };
}

/** Says how many wait, and has the button that signs out ask first. */
async function count() {
  const mine = account && await ownedBy(account);
  const n = mine ? await unsent(mine.id) : 0;
  const button = document.querySelector("form[action='/sign-out'] button");
  const link = document.getElementById("unsent") ?? Object.assign(document.createElement("a"), { id: "unsent", href: "/booklet#o", className: "badge warn" });
  link.textContent = words.unsent(n);
  if (n) button?.closest(".tools").prepend(link);
  else link.remove();
  if (!button) return;
  if (n) button.dataset.confirm = words.leaving(n);
  else delete button.dataset.confirm;
}

addEventListener("pageshow", count);
addEventListener("focus", count);
document.addEventListener("htmx:after:swap", count);
count();
