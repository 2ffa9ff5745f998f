// The line to the server: hands the outbox in, pulls what changed, tries again later by itself. `navigator.onLine` is a hint only.

import { t } from "./page.js";
import { KEPT } from "./register.js";
import { wipe } from "./store.js";

const BATCH = 200;
const PAGE = 500;
const PATIENCE = 60_000;
const SOON = 250; // marks made one after the other go together
const REST = 600_000;
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 300_000;
const SCHEDULE_AGE = 1_800_000;
const LISTS_AGE = 86_400_000;

/**
 * One request. Throws where the line breaks (in the middle of an answer, too) what fetch throws; of an answer that is a refusal
 * (application/problem+json) {status, code, wait in ms, text in the user's language}.
 */
export async function ask(method, path, { token, body } = {}) {
  const headers = { "Accept-Language": document.documentElement.lang };
  if (token) headers.Authorization = `Bearer ${token}`;
  let packed;
  if (body) {
    headers["Content-Type"] = "application/json";
    packed = new Blob([JSON.stringify(body)]);
    if (window.CompressionStream) {
      headers["Content-Encoding"] = "gzip";
      packed = await new Response(packed.stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
    }
  }
  return patiently(`/sync/v1/${path}`, { method, headers, body: packed }, async (answer) => {
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const { code, title, detail } = await answer.json().catch(() => ({}));
    throw { status: answer.status, code, wait: 1000 * answer.headers.get("Retry-After"), text: [title, detail].filter(Boolean).join(" ") };
  });
}

/** A request past every cache that is given up after a while, in the middle of what `read` makes of its answer, too. */
export async function patiently(url, options, read) {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), PATIENCE);
  try {
    return await read(await fetch(url, { cache: "no-store", credentials: "omit", signal: cut.signal, ...options }));
  } finally {
    clearTimeout(timer);
  }
}

/** Makes the server know this device: {device, token}, with the schema and the first page. Throws {text}, what a person can be told. */
export const registered = (body) => ask("POST", "devices", { body: { kinds: `${Object.keys(KEPT)}`, limit: PAGE, ...body } }).catch(({ text }) => { throw { text: text || t("no.line") }; });

export class Line {
  /** `tell(what)` is called after every step: "work", "rest", "cut", "sign-in", "revoked", "full". */
  constructor(book, tell) {
    Object.assign(this, { book, tell, state: "rest", wait: FIRST_WAIT, isDoubtful: false, read: 0 });
    this.kick = () => this.#in(SOON);
    addEventListener("online", this.kick);
  }

  stop() {
    this.book = null;
    clearTimeout(this.timer);
    removeEventListener("online", this.kick);
  }

  #in(delay) {
    clearTimeout(this.timer);
    if (this.book) this.timer = setTimeout(() => this.run(), delay);
  }

  #is(state) {
    this.state = state;
    this.tell(state);
  }

  /** Everything once: what waits goes out, what changed comes in. Never two at a time. */
  async run(isAsked) {
    if (!this.book) return;
    // Whoever says "send" does not want to take anything back.
    if (isAsked) this.isDoubtful = false;
    if (this.isRunning) { this.isWanted = true; return; }
    this.isRunning = true;
    this.isWanted = false;
    clearTimeout(this.timer);
    let next = REST;
    try {
      this.#is("work");
      await this.#cycle();
      this.isDoubtful = false;
      this.wait = FIRST_WAIT;
      this.#is("rest");
    } catch (problem) {
      next = await this.#failed(problem);
    } finally {
      this.isRunning = false;
    }
    this.#in(this.isWanted ? SOON : next);
  }

  async #cycle() {
    if (!this.book.lists) await this.#lists();
    // Over a line that broke, or seems to be down, something small goes first: an edit that never left can still be taken back.
    const careful = this.isDoubtful || !navigator.onLine;
    if (careful) await this.#pull();
    if (await this.#push() || !careful) await this.#pull();
    if (this.book.meta.again) {
      await this.#push();
      await this.#pull();
    }
    if (Date.now() - this.book.lists.read > LISTS_AGE) await this.#lists();
    await this.#schedules();
  }

  async #failed(problem) {
    const { book } = this;
    if (!book) return REST;
    if (problem.code === "revoked") {
      await wipe(book.id, "revoked");
      this.#is("revoked");
      return REST;
    }
    if (problem.status === 401) return this.#is("sign-in") ?? REST;
    if (problem.name === "QuotaExceededError") return this.#is("full") ?? REST;
    this.isDoubtful = true;
    this.#is("cut");
    const wait = problem.wait || this.wait * (0.75 + Math.random() / 2);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    return wait;
  }

  async #ask(method, path, body) {
    const answer = await ask(method, path, { token: this.book?.meta.token, body });
    if (!this.book) throw new Error();
    return answer;
  }

  async #push() {
    const { outbox, meta } = this.book;
    if (meta.again) {
      const answered = [...outbox.items.values()].filter((item) => item.result && !item.result.local);
      for (let from = 0; from < answered.length; from += BATCH) await this.#hand(answered.slice(from, from + BATCH));
      await this.book.keepPart("meta", { ...this.book.meta, again: false });
    }
    let any = false;
    for (let some; (some = outbox.waiting.filter((item, _, all) => item.schema === all[0].schema).slice(0, BATCH)).length; any = true) await this.#hand(some);
    return any;
  }

  /** Hands some items in. A request refused as a whole is handed in by halves, so that one bad item holds up no other. */
  async #hand(items) {
    const { outbox } = this.book;
    await outbox.leaving(items);
    items.forEach((item) => outbox.sending.add(item));
    this.tell(this.state);
    try {
      const edits = items.map(({ n, of, edit }) => ({ n, of, ...edit }));
      const { results } = await this.#ask("POST", "push", { schema: items[0].schema, edits });
      if (results?.length !== items.length || results.some(({ n }, index) => n !== items[index].n)) throw new TypeError();
      await outbox.answered(items.map((item, index) => [item, results[index]]));
    } catch (problem) {
      if (!["malformed", "too_large"].includes(problem.code)) throw problem;
      const half = items.length >> 1;
      if (half) {
        await this.#hand(items.slice(0, half));
        await this.#hand(items.slice(half));
      } else if (!items[0].result) {
        await outbox.answered([[items[0], { status: "refused", local: true, reason: { code: problem.code, message: problem.text } }]]);
      }
    } finally {
      items.forEach((item) => outbox.sending.delete(item));
    }
    this.tell(this.state);
  }

  async #pull() {
    for (let more = true; more;) {
      const asked = new URLSearchParams({ limit: PAGE });
      if (this.book.meta.cursor) asked.set("since", this.book.meta.cursor);
      try {
        const page = await this.#ask("GET", `pull?${asked}`);
        await this.book.take(page);
        more = page.more;
        this.tell(this.state);
      } catch (problem) {
        if (problem.code !== "new_epoch") throw problem;
        await this.#lists();
        await this.book.startOver();
      }
    }
  }

  /** Fields, labels, choices and names, as this user may see them. */
  async #lists() {
    await this.book.keepPart("lists", { ...await this.#ask("GET", `schema?kinds=${Object.keys(KEPT)}`), read: Date.now() });
  }

  /** The posted schedules of the newest months, now and then. */
  async #schedules() {
    const months = this.book.register.months().slice(0, 2);
    const known = this.book.schedules;
    if (Date.now() - this.read < SCHEDULE_AGE && months.every((month) => month in known)) return;
    const found = {};
    for (const month of months) {
      found[month] = await this.#ask("GET", `schedule?month=${month}`).catch((problem) => {
        if (problem.status !== 404) throw problem;
        return null;
      });
    }
    this.read = Date.now();
    await this.book.keepPart("schedules", found);
  }
}
