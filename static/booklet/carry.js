// The unsent outbox as a file, still sealed under the PIN it was written with; taken in on another device of the same user.

import { button, el, t } from "./page.js";
import { openLock, pickUp, unseal } from "./vault.js";
import { one, part, value } from "./store.js";

const FORM = "chi-tra-outbox";
const packed = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
const unpacked = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** A file of what a booklet has not sent; needs no PIN. */
export async function exported(id) {
  const { label, salt, rounds, wrap } = await one(id);
  const items = (await part(id, "o")).map(([[, , of, n], sealed]) => [of, n, packed(sealed)]);
  const letters = (await part(id, "d")).map(([, { from, sealed }]) => [packed(from), packed(sealed)]);
  const content = { form: FORM, version: 1, id, label, salt: packed(salt), rounds, wrap: packed(wrap), who: packed(await value(id, "who")), items, letters };
  return new Blob([JSON.stringify(content)], { type: "application/json" });
}

/** The button that offers the file for saving. */
export const saving = (id) => button(t("export"), async () => {
  const link = el("a", { href: URL.createObjectURL(await exported(id)), download: `${t("file.name")}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

/** Takes a file in; answers how many items are new here. Throws {field, text} for a wrong file, PIN or user. */
export async function taken(book, file, pin) {
  const content = await file.text?.().then(JSON.parse).catch(() => null);
  if (content?.form !== FORM || content.version !== 1) throw { field: "file", text: t("file.wrong") };
  const key = await openLock({ salt: unpacked(content.salt), rounds: content.rounds, wrap: unpacked(content.wrap) }, pin);
  if (!key) throw { field: "pin", text: t("pin.wrong.file") };
  const at = (...place) => [content.id, ...place].join("/");
  const who = await unseal(key, unpacked(content.who), at("who"));
  if (who.account !== book.who.account) throw { field: "file", text: t("file.other") };
  const fresh = [];
  for (const [of, n, sealed] of content.items) {
    const item = await unseal(key, unpacked(sealed), at("o", of, n));
    const from = item.of ?? who.device;
    const named = { ...item, of: from === book.who.device ? undefined : from };
    if (!book.outbox.items.has(`${named.of ?? ""}/${n}`)) fresh.push(named);
  }
  await book.keep({ puts: fresh.map((item) => [["o", item.of ?? "", item.n], item]) });
  fresh.forEach((item) => book.outbox.put(item));
  for (const [from, sealed] of content.letters) {
    const { edit, about, of, n } = await pickUp(who.opener, { from: unpacked(from), sealed: unpacked(sealed) });
    await book.outbox.add(edit, about, [], of, n);
    fresh.push(edit);
  }
  return fresh.length;
}
