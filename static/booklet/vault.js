// Sealing: a PIN opens a data key, the data key seals everything (AES-GCM, 256 bit). Keys live in memory only.
// A letter box takes what a page without the PIN hands in: sealed for the booklet's public key (ECDH P-256), opened with the PIN.

export const ROUNDS = 600_000; // PBKDF2-SHA-256 (OWASP 2023)

const GCM = "AES-GCM";
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const text = new TextEncoder();
const random = (size) => crypto.getRandomValues(new Uint8Array(size));
const joined = async (iv, work) => {
  const rest = new Uint8Array(await work);
  const all = new Uint8Array(iv.length + rest.length);
  all.set(iv);
  all.set(rest, iv.length);
  return all;
};

async function pinKey(pin, { salt, rounds }) {
  const base = await crypto.subtle.importKey("raw", text.encode(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, base, { name: GCM, length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

/** A new lock for a PIN: what is kept in clear to open it again ({salt, rounds, wrap}), and the data key. */
export async function newLock(pin) {
  const lock = { salt: random(16), rounds: ROUNDS };
  const by = await pinKey(pin, lock);
  const key = await crypto.subtle.generateKey({ name: GCM, length: 256 }, true, ["encrypt"]);
  const iv = random(12);
  lock.wrap = await joined(iv, crypto.subtle.wrapKey("raw", key, by, { name: GCM, iv }));
  return { lock, key: await unwrapped(lock, by) };
}

/** The data key; null where the PIN is another. */
export const openLock = async (lock, pin) => unwrapped(lock, await pinKey(pin, lock)).catch(() => null);

const unwrapped = ({ wrap }, by) =>
  crypto.subtle.unwrapKey("raw", wrap.slice(12), by, { name: GCM, iv: wrap.slice(0, 12) }, GCM, false, ["encrypt", "decrypt"]);

/** A value (JSON) sealed; `place` is bound in, so that a seal fits only where it was made for. */
export async function seal(key, value, place) {
  const iv = random(12);
  return joined(iv, crypto.subtle.encrypt({ name: GCM, iv, additionalData: text.encode(place) }, key, text.encode(JSON.stringify(value))));
}

export async function unseal(key, sealed, place) {
  const data = await crypto.subtle.decrypt({ name: GCM, iv: sealed.slice(0, 12), additionalData: text.encode(place) }, key, sealed.slice(12));
  return JSON.parse(new TextDecoder().decode(data));
}

/** A new letter box: {slot: what anybody may know, opener: to be sealed}. */
export async function newBox() {
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveKey"]);
  return { slot: await crypto.subtle.exportKey("jwk", pair.publicKey), opener: await crypto.subtle.exportKey("jwk", pair.privateKey) };
}

const shared = async (own, other, use) => crypto.subtle.deriveKey({ name: "ECDH", public: other }, own, { name: GCM, length: 256 }, false, [use]);

/** Hands a value in for a letter box, without any PIN. */
export async function drop(slot, value) {
  const once = await crypto.subtle.generateKey(CURVE, true, ["deriveKey"]);
  const key = await shared(once.privateKey, await crypto.subtle.importKey("jwk", slot, CURVE, false, []), "encrypt");
  return { from: await crypto.subtle.exportKey("raw", once.publicKey), sealed: await seal(key, value, "box") };
}

export async function pickUp(opener, { from, sealed }) {
  const own = await crypto.subtle.importKey("jwk", opener, CURVE, false, ["deriveKey"]);
  return unseal(await shared(own, await crypto.subtle.importKey("raw", from, CURVE, false, []), "decrypt"), sealed, "box");
}
