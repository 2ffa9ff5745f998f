// An open booklet: its key, its records and its outbox, and how they are kept.

import { newBox, newLock, openLock, seal, unseal } from "./vault.js";
import { ownerMark, part, value, wipe, write } from "./store.js";
import { Outbox } from "./outbox.js";
import { Register } from "./register.js";

export const TRIES = 10;

/** A new booklet for a device that is being registered (`registering` promises {device, token, schema, page}): its keys are made meanwhile. */
export async function create(pin, label, account, registering) {
  const id = crypto.randomUUID();
  const [{ device, token, schema, page }, { lock, key }, { slot, opener }] = await Promise.all([registering, newLock(pin), newBox()]);
  const letGo = await hold(id);
  const book = new Book({ id, label, owner: await ownerMark(id, account), ...lock, slot, n: 0, tries: 0, ended: "" }, key, letGo);
  book.who = { account, device, opener };
  book.meta = { token, cursor: "", generation: 1, copying: true, again: false };
  await book.keep({ puts: [[["who"], book.who], [["meta"], book.meta]], alter: () => book.record });
  await book.keepPart("lists", { ...schema, read: Date.now() });
  await book.take(page);
  return book;
}

/** Opens a booklet: {book}, or {left: tries left} for a wrong PIN (0: wiped), or {busy} where another window has it. */
export async function open(id, pin) {
  const letGo = await hold(id);
  if (!letGo) return { busy: true };
  const answer = await unlock(id, pin, letGo);
  if (!answer.book) letGo();
  return answer;
}

async function unlock(id, pin, letGo) {
  // Counted before it is tried: pulling the plug is no way to more tries.
  const record = await write(id, { alter: (now) => (now?.tries < TRIES ? { ...now, tries: now.tries + 1 } : false) });
  const key = record && await openLock(record, pin);
  if (!key) {
    const left = record ? TRIES - record.tries : 0;
    if (!left) await wipe(id, "pin");
    return { left };
  }
  const book = new Book(await write(id, { alter: (now) => ({ ...now, tries: 0 }) }), key, letGo);
  await book.load();
  return { book };
}

/** Only one window at a time works with a booklet; null where another one does. */
const hold = (id) => new Promise((done) => {
  navigator.locks.request(`booklet ${id}`, { ifAvailable: true }, (lock) => (lock ? new Promise((letGo) => done(letGo)) : done(null)));
});

export class Book {
  constructor(record, key, letGo) {
    Object.assign(this, { record, id: record.id, n: record.n, key, letGo, lists: null, schedules: {} });
    this.register = new Register();
    this.outbox = new Outbox(this);
  }

  place(key) {
    return [this.id, ...key].join("/");
  }

  async #opened(...key) {
    const sealed = await value(this.id, ...key);
    return sealed && unseal(this.key, sealed, this.place(key));
  }

  async #part(name) {
    const rows = await part(this.id, name);
    return Promise.all(rows.map(async ([[, ...key], sealed]) => [key, await unseal(this.key, sealed, this.place(key))]));
  }

  async load() {
    const [who, meta, lists, schedules, records, waiting, answered] = await Promise.all([
      ...["who", "meta", "lists", "schedules"].map((name) => this.#opened(name)), ...["r", "o", "h"].map((name) => this.#part(name)),
    ]);
    Object.assign(this, { who, meta, lists, schedules: schedules ?? {} });
    records.forEach(([[, kind], rows]) => this.register.load(kind, rows));
    [...waiting, ...answered].forEach(([, item]) => this.outbox.put(item));
    if (lists) await this.outbox.pickUp();
  }

  /** Seals and keeps [[key, value], …] in one durable step. Throws where the device has no room. */
  async keep({ puts = [], ...more }) {
    const sealed = await Promise.all(puts.map(async ([key, each]) => [key, await seal(this.key, each, this.place(key))]));
    return write(this.id, { puts: sealed, ...more });
  }

  async keepPart(name, each) {
    await this.keep({ puts: [[[name], each]] });
    this[name] = each;
  }

  /** Takes a page of a pull in. */
  async take(page) {
    const { generation, copying } = this.meta;
    const meta = { ...this.meta, cursor: page.cursor, copying: copying && page.more };
    const buckets = this.register.take(page, generation, copying);
    const { puts = [], cuts = [] } = page.more ? {} : this.outbox.pulled();
    await this.keep({ puts: [...buckets, ...puts, [["meta"], meta]], cuts });
    this.meta = meta;
  }

  /** The server began a new epoch: a whole copy again, and what it once answered is handed in again. */
  async startOver() {
    await this.keepPart("meta", { ...this.meta, cursor: "", generation: this.meta.generation + 1, copying: true, again: true });
  }

  /** A record as this device's user left it: the register's, with what is under way on top. */
  get(kind, id) {
    const row = this.register.get(kind, id);
    return row && { ...row, ...this.outbox.ahead.fields.get(`${kind}/${id}`) };
  }

  /** planned, paid, uncollected, rejected or withheld, as `sync.holds.state_of` has it. */
  stateOf(payment) {
    if (payment.mark?.state === "paid") return "paid";
    if (payment.hold || this.outbox.ahead.dead.has(payment.person)) return "withheld";
    return payment.mark?.state ?? "planned";
  }

  /** Whether people can be looked up: they come first in a first copy. */
  get isReady() {
    return this.lists && (!this.meta.copying || ["change", "conflict", "payment"].some((kind) => this.register.all(kind).length));
  }

  field(kind, name) {
    return this.lists.kinds[kind].fields[name];
  }

  /** Whether my role may set a field, at once or by a proposal. */
  may(kind, name) {
    const field = this.field(kind, name);
    return field && [...field.direct, ...field.propose].includes(this.lists.me.role);
  }

  /** Forgets the key and everything it opened. */
  lock() {
    this.key = null;
    this.register = this.outbox = this.meta = this.who = null;
    this.letGo();
  }
}
