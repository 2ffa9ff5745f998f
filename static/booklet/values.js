// Values in words, and typed text as the catalogue takes it (sync/values.py checks everything once more).

import { day, label, money, t } from "./page.js";

const parts = (...some) => some.filter(Boolean).join(", ");
const hidden = (number = "", shown = 4) => (number ? `••••${number.slice(-shown)}` : "");

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

export const markWords = (book, mark) => (mark?.state === "paid"
  ? parts(t("state.paid"), t(`how.${mark.how}`), mark.to && mark.to !== "self" && t(`to.${mark.to}`))
  : mark ? parts(t(`state.${mark.state}`), shown(book, null, mark.reason, "reason")) : "");

const readers = {
  text: (text) => text.normalize("NFC").replace(/\s+/g, " "),
  phone(text) {
    const digits = text.replace(/[\s.\-()']/g, "").replace(/^(\+84|0084)0?/, "0");
    return /^(0\d{9}|02\d{9})$/.test(digits) && digits;
  },
  birth(text) {
    const match = /^(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])?(\d{4})$/.exec(text);
    if (!match) return false;
    const [, d, m, y] = match;
    const date = new Date(Date.UTC(y, (m ?? 1) - 1, d ?? 1));
    if (y < 1900 || date.getUTCMonth() + 1 !== +(m ?? 1)) return false;
    return [y, m, d].filter(Boolean).map((each) => each.padStart(2, "0")).join("-");
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
  if (value === false) throw { field: name, text: t(`wrong.${type}`) };
  return value;
}
