// Reporting a death, a move or another change; correcting contact data and how to find the house.

import { choose, day, el, field, form, label, notice, tick, t } from "./page.js";
import { typed } from "./values.js";

const ASKED = ["text", "phone", "bool", "name", "birth", "national_id"];
const PLAIN = ["phone", "address", "hamlet", "locator", "guardian", "home_delivery", "note"];

/** A change with its reason and day; for a death the payments are withheld on this device at once. */
export function change(book, id, reason = "") {
  const row = book.get("person", id);
  const isDeath = reason === "CHET";
  const record = crypto.randomUUID();
  const { event_date, evidence, note } = book.lists.kinds.change.fields;
  const send = async (values) => {
    const why = reason || values.reason;
    if (!why) throw { field: "reason", text: t("wrong.choice") };
    const at = typed("birth", "event_date", values.event_date);
    if (!at && isDeath) throw { field: "event_date", text: t("wrong.birth") };
    if (at?.length === 4 || at > new Date().toISOString()) throw { field: "event_date", text: t("wrong.birth") };
    const set = { reason: why, person: id, event_date: at, evidence: typed("text", "evidence", values.evidence), note: typed("text", "note", values.note) };
    const pairs = Object.entries(set).filter(([, value]) => value !== null).map(([name, value]) => [name, [null, value]]);
    await book.outbox.add({ kind: "change", record, op: "create", set: Object.fromEntries(pairs) }, row.full_name);
    book.line.kick();
    book.go(`#p/${id}`, t(isDeath ? "dead.kept" : "kept"));
  };
  const reasons = book.lists.changes.filter((each) => each.code !== "CHET").map((each) => [each.code, label(each)]);
  return {
    title: t(isDeath ? "report.death" : "report.other"),
    back: `#p/${id}`,
    nodes: [
      el("p", {}, el("b", {}, row.full_name), ` · ${row.hamlet ?? ""} · ${day(row.birth)}`),
      isDeath && notice("info", t("dead.hint")),
      form(send, t("send.report"),
        !isDeath && choose("reason", label(book.field("change", "reason")), reasons, "", { optional: false }),
        field("event_date", label(event_date), { hint: t("day.hint"), optional: !isDeath, class: "short", inputmode: "numeric", maxlength: 10 }),
        field("evidence", label(evidence), { maxlength: 500 }),
        field("note", label(note), { tag: "textarea", rows: 3, maxlength: 500 })),
    ],
  };
}

/** The fields of a person my role may set or propose, with what stands there now. */
export function contact(book, id) {
  const row = book.get("person", id);
  const { fields } = book.lists.kinds.person;
  const names = Object.keys(fields).filter((name) => ASKED.includes(fields[name].type) && name !== "commune" && book.may("person", name));
  const input = (name) => {
    const { type, direct, bounds } = fields[name];
    const hint = direct.includes(book.lists.me.role) ? undefined : t("needs.approval");
    const text = label(fields[name]);
    const now = row[name] ?? "";
    if (type === "bool") return tick(name, text, now === true, hint);
    if (name === "hamlet") return choose(name, text, [...new Set([...book.lists.hamlets[row.commune] ?? [], now].filter(Boolean))].map((each) => [each, each]), now, { hint });
    if (["locator", "note"].includes(name)) return field(name, text, { tag: "textarea", rows: 3, hint, value: now, ...bounds && { maxlength: bounds.max_length } });
    return field(name, text, { value: type === "birth" ? day(now) : now, hint, type: type === "phone" ? "tel" : "text" });
  };
  const send = async (values) => {
    const pairs = names.map((name) => [name, [row[name] ?? null, typed(fields[name].type, name, values[name])]])
      .filter(([name, [seen, wanted]]) => (fields[name].type === "bool" ? (seen ?? false) !== wanted : seen !== wanted));
    if (!pairs.length) throw { text: t("nothing.changed") };
    await book.outbox.add({ kind: "person", record: id, op: "set", base: book.register.get("person", id).version, set: Object.fromEntries(pairs), why: typed("text", "why", values.why) ?? undefined }, row.full_name);
    book.line.kick();
    book.go(`#p/${id}`, t("kept"));
  };
  return {
    title: t("correct"),
    back: `#p/${id}`,
    nodes: [
      el("p", {}, el("b", {}, row.full_name)),
      form(send, t("save"), names.filter((name) => PLAIN.includes(name)).map(input),
        names.some((name) => !PLAIN.includes(name)) && el("details", {}, el("summary", {}, t("more.fields")), names.filter((name) => !PLAIN.includes(name)).map(input)),
        field("why", t("why"), { maxlength: 500 })),
    ],
  };
}
