// Search keys and the order of names, as sync/text.py makes them.

/** Small letters, no marks, đ as d, single spaces. */
export const fold = (text) =>
  text.normalize("NFC").toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{Mn}/gu, "").replace(/[\s\x1c-\x1f\x85]+/g, " ").trim();

/** The words of a query; digits typed in groups ("0510 000 001") are one word. */
export const words = (typed) => (/^[\d\s.\-()+]+$/.test(typed.trim()) ? [typed.replace(/\D/g, "")] : fold(typed).split(" ")).filter(Boolean);

/** What a search looks in: texts folded, with a space in front. */
export const key = (...texts) => ` ${fold(texts.filter(Boolean).join(" "))}`;

/** Whether a key has every word, in any order: letters from the beginning of a word, digits anywhere. */
export const matches = (key, query) => query.every((word) => key.includes(/\d/.test(word) ? word : ` ${word}`));

const order = new Intl.Collator("vi");

/** Vietnamese names go by the given name, which is the last word. */
export const byName = (a, b) => order.compare(a, b);
export const nameKey = (name = "") => {
  const parts = name.trim().split(/\s+/);
  return `${parts.pop()} ${parts.slice(1).join(" ")} ${parts[0] ?? ""}`;
};
