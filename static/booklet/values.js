// Values in words, and typed text as the catalogue takes it (sync/values.py checks everything once more).

import { day, label, money, t } from "./page.js";

const parts = (...some) => some.filter(Boolean).join(", ");
const hidden = (number) => number && `••••${number.slice(-4)}`;

/** A value of a field in words, "" for none; numbers of cards and accounts half hidden. */
export function shown(book, field, value, name = "") {
  if (value === null || value === undefined || value === "") return "";
  const { lists } = book;
  if (field?.choices) return label(field.choices.find((each) => each.code === value)) || value;
  if (name === "commune" || name === "pay_point") return lists.units[value] ?? value;
  if (name === "reason") return label([...lists.changes, ...lists.uncollected].find((each) => each.code === value)) || value;
  switch (field?.type) {
    case "bool": return t(value ? "yes" : "no");
    case "birth": case "day": case "month": return day(value);
    case "money": return money(value);
    case "national_id": return hidden(value);
    case "payment_method": return parts(t(`method.${value.method}`), value.bank, hidden(value.account), value.holder);
    case "alternate_recipient": return parts(value.name, value.relation, value.document, value.until && t("until", { day: day(value.until) }));
    case "mark": return markWords(book, value);
    default: return typeof value === "object" ? "" : String(value);
  }
}

/** A field of a record in words, by its kind's description. */
export const inWords = (book, kind, row, name) => shown(book, book.field(kind, name), row[name], name);

export const markWords = (book, mark) => (mark?.state === "paid"
  ? parts(t("state.paid"), t(`how.${mark.how}`), mark.to && mark.to !== "self" && t(`to.${mark.to}`))
  : mark ? parts(t(`state.${mark.state}`), shown(book, null, mark.reason, "reason")) : "");

const readers = {
  text: (text) => text.normalize("NFC").replace(/\s+/g, " "),
  phone(text) {
    const digits = text.replace(/[\s.\-()']/g, "").replace(/^(\+84|0084)0?/, "0");
    return /^02?\d{9}$/.test(digits) && digits;
  },
  birth(text) {
    const parts = text.split(/[/.-]/).reverse().map((each) => each.padStart(2, "0"));
    const [y, m = "01", d = "01"] = parts;
    const date = new Date(`${y}-${m}-${d}T00:00Z`);
    return parts.length < 4 && y >= 1900 && date.toJSON()?.startsWith(`${y}-${m}-${d}`) && parts.join("-");
  },
  national_id(text) {
    const digits = text.replace(/[\s.\-']/g, "");
    return /^(\d{9}|\d{12})$/.test(digits) && digits;
  },
};
readers.name = readers.text;

/** Typed text as a value, null for none; throws {field, text} where it cannot be one. */
export function typed(type, name, text) {
  if (typeof text === "boolean") return text;
  if (!text) return null;
  const value = (readers[type] ?? readers.text)(text);
  if (!value) throw { field: name, text: t(`wrong.${type}`) };
  return value;
}
