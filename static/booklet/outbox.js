// The outbox: every edit of this device with what became of it. Numbered, sealed and kept in one durable step (add).
//
// An item: {n, of, edit, about, schema, at, tried, answered, result, pulled}
//   n, of     the edit's name for ever: this device's counter, or another device's (`of`) after an import
//   edit      {kind, record, op, base, set, at, why} as on the wire; about: the person's name, for the reader
//   tried     it was on its way at least once: the server may have it, so it cannot be taken back any more
//   result    the server's answer; pulled: the register on this device has it, too
// Pages without the PIN hand edits in by `leave` ({edit, about, of, n}); they become items when the booklet is opened. Where `of` is
// the name a page's form goes by, the item keeps it: did the form arrive after all, this is the same edit once more.

import { drop, pickUp, seal } from "./vault.js";
import { one, part, write } from "./store.js";

const KEPT_DAYS = 60; // a server restored from a backup asks for them again
const place = ({ of = "", n }) => [of, n];
const ours = ["applied", "unchanged"];

/** Hands letters in for a booklet on this device, from a page that has no PIN: all of them or none. */
export async function leave({ id, slot }, letters) {
  const now = `${Date.now()} ${crypto.randomUUID()}`;
  await write(id, { puts: await Promise.all(letters.map(async (each, index) => [["d", now, index], await drop(slot, each)])) });
}

export class Outbox {
  constructor(book) {
    this.book = book;
    this.items = new Map();
    this.sending = new Set();
  }

  put(item) {
    this.items.set(place(item).join("/"), item);
    this.changed = null;
  }

  async pickUp() {
    for (const [[, ...key], letter] of await part(this.book.id, "d")) {
      const { edit, about, of, n } = await pickUp(this.book.who.opener, letter);
      await this.add(edit, about, [key], of, n);
    }
  }

  /** Those without an answer, in the order they were made. */
  get waiting() {
    return this.newestFirst.filter((item) => !item.result).reverse();
  }

  get newestFirst() {
    return [...this.items.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : b.n - a.n));
  }

  /** A new edit; when this has come back, it survives anything. Throws where the device has no room. */
  async add(edit, about, cuts = [], of, number = 1) {
    const { book } = this;
    for (;;) {
      const n = of ? number : book.n + 1;
      const at = edit.at ?? new Date().toISOString();
      const item = { n, of, edit: { ...edit, at }, about, schema: book.lists.schema, at };
      const key = ["o", ...place(item)];
      const sealed = await seal(book.key, item, book.place(key));
      const kept = await write(book.id, { puts: [[key, sealed]], cuts, alter: (record) => (of ? record : record.n === n - 1 && { ...record, n }) });
      book.n = of ? book.n : kept ? n : (await one(book.id)).n;
      if (!kept) continue;
      this.put(item);
      return item;
    }
  }

  canTakeBack(item) {
    return !item.result && !item.tried && !this.sending.has(item);
  }

  /** Takes an item back that never was on its way. A later one to the same field has then seen what this one saw. */
  async takeBack(item) {
    if (!this.canTakeBack(item)) return false;
    const { kind, record, set } = item.edit;
    const later = [];
    for (const next of this.waiting) {
      if (next.n <= item.n || next.of || next.edit.kind !== kind || next.edit.record !== record || !this.canTakeBack(next)) continue;
      for (const [field, [seen, wanted]] of Object.entries(set)) {
        const pair = next.edit.set[field];
        if (pair && JSON.stringify(pair[0]) === JSON.stringify(wanted)) {
          pair[0] = seen;
          later.push(next);
        }
      }
    }
    this.items.delete(place(item).join("/"));
    this.changed = null;
    await this.book.keep({ cuts: [["o", ...place(item)]], puts: later.map((next) => [["o", ...place(next)], next]) });
    return true;
  }

  /** Notes, before anything leaves, that these are on their way. */
  async leaving(items) {
    const first = items.filter((item) => !item.tried && !item.result);
    first.forEach((item) => { item.tried = true; });
    if (first.length) await this.book.keep({ puts: first.map((item) => [["o", ...place(item)], item]) });
  }

  /** Keeps the server's answers: [[item, result], …]. */
  async answered(pairs) {
    const at = new Date().toISOString();
    const items = pairs.map(([item, result]) => ({ ...item, result, answered: item.answered ?? at, pulled: false }));
    await this.book.keep({
      cuts: items.map((item) => ["o", ...place(item)]),
      puts: items.map((item) => [["h", ...place(item)], item]),
    });
    items.forEach((item) => this.put(item));
  }

  /** What to keep once the register has been pulled to its end: answered items are in it; very old ones go. */
  pulled() {
    const before = new Date(Date.now() - KEPT_DAYS * 86_400_000).toISOString();
    const done = [...this.items.values()].filter((item) => item.result);
    const old = done.filter((item) => item.answered < before);
    const now = done.filter((item) => !item.pulled && !old.includes(item));
    old.forEach((item) => this.items.delete(place(item).join("/")));
    now.forEach((item) => { item.pulled = true; });
    this.changed = null;
    return { cuts: old.map((item) => ["h", ...place(item)]), puts: now.map((item) => [["h", ...place(item)], item]) };
  }

  /** What the register does not show yet: "kind/id" → fields as their author wants them; `dead` are people reported so. */
  get ahead() {
    if (this.changed) return this.changed;
    const ahead = { fields: new Map(), dead: new Set() };
    for (const { edit, result, pulled } of [...this.newestFirst].reverse()) {
      if (pulled || result?.reason) continue;
      if (edit.kind === "change" && edit.set.reason?.[1] === "CHET") ahead.dead.add(edit.set.person?.[1]);
      const key = `${edit.kind}/${edit.record}`;
      const fields = Object.entries(edit.set).filter(([name]) => !result || ours.includes(result.fields?.[name]));
      if (fields.length) ahead.fields.set(key, { ...ahead.fields.get(key), ...Object.fromEntries(fields.map(([name, [, wanted]]) => [name, wanted])) });
    }
    return this.changed = ahead;
  }
}
