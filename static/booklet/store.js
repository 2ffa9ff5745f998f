// What lies on the device (IndexedDB "booklet"). Nothing here opens a seal.
//
// Store "booklets", in clear: {id, label, owner, salt, rounds, wrap, slot, n, tries, ended}
//   label  the name its owner gave the device; owner: digest of id and account, to find one's own (ownedBy)
//   n      the last number given to an edit; ended: "" | "pin" | "revoked" – then only the unsent outbox is left, sealed
// Store "sealed", key [booklet, part, …]:
//   "who"             {account, device, opener}: stays for the export when the data is wiped
//   "meta"            {token, cursor, generation, again, lists, schedules}
//   "r", kind, bucket records;  "o", of, n  edits not answered yet;  "h", of, n  answered ones
//   "d", key          letters from pages without the PIN (vault.drop), unsealed into "o" when the booklet opens

export const ROOM = 20e6; // bytes; with less a browser may refuse what is to be kept

/** Bytes there is room for; Infinity where the browser does not say. */
export async function room() {
  const { quota = Infinity, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
  return quota - usage;
}

const MARK = "booklet=1";

/** A cookie says that there should be a booklet here, so that a store the browser emptied is noticed. */
export const isExpected = () => document.cookie.includes(MARK);
export const expect = (there) => { document.cookie = `${there ? MARK : "booklet="}; path=/booklet; max-age=${there ? 31536000 : 0}; samesite=strict`; };

let database;

const base = () => database ??= new Promise((done, fail) => {
  const request = indexedDB.open("booklet", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("booklets", { keyPath: "id" });
    request.result.createObjectStore("sealed");
  };
  request.onsuccess = () => {
    request.result.onversionchange = () => { request.result.close(); database = null; };
    done(request.result);
  };
  request.onerror = () => { database = null; fail(request.error); };
});

/** What a request answers. */
export const told = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
const read = async (store) => (await base()).transaction(store).objectStore(store);

/** Everything of a booklet whose key begins so: under(id, "o") is its unsent edits. */
export const under = (...key) => IDBKeyRange.bound(key, [...key, []]);

export const booklets = async () => told((await read("booklets")).getAll());
export const one = async (id) => told((await read("booklets")).get(id));
export const value = async (...key) => told((await read("sealed")).get(key));
export const count = async (...key) => told((await read("sealed")).count(under(...key)));

/** [[key, sealed], …] of a part. */
export async function part(...key) {
  const store = await read("sealed");
  const [keys, values] = await Promise.all([told(store.getAllKeys(under(...key))), told(store.getAll(under(...key)))]);
  return keys.map((each, index) => [each, values[index]]);
}

/** How many edits of this device wait: of one booklet, or of all; no PIN needed. */
export async function unsent(id) {
  const ids = id ? [id] : (await booklets()).map((each) => each.id);
  const counts = await Promise.all(ids.flatMap((each) => [count(each, "o"), count(each, "d")]));
  return counts.reduce((sum, each) => sum + each, 0);
}

/** The booklet of an account on this device, or undefined; no PIN needed. */
export async function ownedBy(account) {
  for (const each of await booklets()) if (!each.ended && each.owner === await ownerMark(each.id, account)) return each;
}

export async function ownerMark(id, account) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${id} ${account}`));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * One durable change, whole or not at all. `alter` gets the booklet's clear record and returns it anew (null: remove it);
 * false lets everything be. Answers the record as it is now, or false.
 */
export async function write(id, { puts = [], cuts = [], alter = (record) => record } = {}) {
  const transaction = (await base()).transaction(["booklets", "sealed"], "readwrite", { durability: "strict" });
  const [books, sealed] = ["booklets", "sealed"].map((name) => transaction.objectStore(name));
  return new Promise((done, fail) => {
    let now;
    transaction.oncomplete = () => done(now);
    transaction.onabort = () => (now === false ? done(false) : fail(transaction.error));
    books.get(id).onsuccess = ({ target }) => {
      now = alter(target.result);
      if (now === false) return transaction.abort();
      if (now) books.put(now);
      else books.delete(id);
      // Before it is durable: a page that is left at that moment must not take what its owner removed for a loss.
      if (now === null) books.count().onsuccess = (counted) => expect(counted.target.result);
      cuts.forEach((key) => sealed.delete(under(id, ...key)));
      puts.forEach(([key, bytes]) => sealed.put(bytes, [id, ...key]));
    };
  });
}

/** Forgets the people and the token; the unsent outbox stays, sealed under its PIN, to be exported. With nothing unsent all goes. */
export async function wipe(id, why) {
  const left = await unsent(id);
  const cuts = left ? [["meta"], ["r"], ["h"]] : [[]];
  return write(id, { cuts, alter: (record) => (left && record ? { ...record, ended: why } : null) });
}
