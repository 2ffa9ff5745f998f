// The self-test of a device. Each check answers [tone, key of its sentence, values]; the result is six digits to read out.

import { newLock, openLock, seal, unseal } from "../booklet/vault.js";

const ROOM_MB = 20;
const SLOW_PIN = 4; // seconds
const SLOW_LINE = 3;
const PATIENCE = 20_000;
const SKEW = [120, 86_400]; // seconds: worth a remark; surely wrong
const DIGIT = { good: 0, warn: 1, bad: 2 };
const GLYPH = { good: "✓", warn: "△", bad: "✕" };

const sentences = new Map([...document.getElementById("sentences").content.querySelectorAll("data")].map((each) => [each.value, each.textContent]));
const say = (key, values = {}) => sentences.get(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const seconds = (ms) => (ms / 1000).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
const round = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

function name() {
  const found = /(Edg|OPR|Chrome|Firefox|Version)\/(\d+)/.exec(navigator.userAgent.replace(/Chrome\/\d+(?=.*(Edg|OPR)\/)/, ""));
  return found ? `${found[1].replace("Version", "Safari")} ${found[2]}` : "?";
}

function browser() {
  const needed = { https: isSecureContext, crypto: crypto?.subtle, IndexedDB: globalThis.indexedDB, locks: navigator.locks, "service worker": navigator.serviceWorker };
  const missing = Object.keys(needed).filter((each) => !needed[each]);
  return missing.length ? ["bad", "browser.bad", { missing: missing.join(", ") }] : ["good", "browser.good", { browser: name() }];
}

/** Writes something into a database of its own, reads it back, removes it. */
async function store() {
  const NAME = "device-check";
  const told = (request) => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("tried");
  const base = await told(opening);
  const wanted = crypto.getRandomValues(new Uint8Array(65_536));
  await told(base.transaction("tried", "readwrite").objectStore("tried").put(wanted, 1));
  const found = await told(base.transaction("tried").objectStore("tried").get(1));
  base.close();
  await told(indexedDB.deleteDatabase(NAME));
  if (found.length !== wanted.length || found.some((byte, index) => byte !== wanted[index])) throw new Error("read back something else");
}

async function storage() {
  await store();
  const { quota = Infinity, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
  const room = Math.floor((quota - usage) / 1e6);
  const values = { room: Number.isFinite(room) ? room.toLocaleString(document.documentElement.lang) : "?" };
  if (room < ROOM_MB) return ["bad", "storage.full", values];
  const isKept = await navigator.storage?.persisted?.() || await navigator.storage?.persist?.();
  return isKept ? ["good", "storage.good", values] : ["warn", "storage.kept", values];
}

async function encryption() {
  const pin = String(crypto.getRandomValues(new Uint32Array(1))[0]).padStart(10, "0");
  const { lock } = await newLock(pin);
  let key;
  const took = await round(async () => { key = await openLock(lock, pin); });
  const found = await unseal(key, await seal(key, { text: "ăâđêôơư" }, "device-check"), "device-check");
  if (found.text !== "ăâđêôơư" || await openLock(lock, `${pin}0`)) return ["bad", "encryption.bad"];
  return took > SLOW_PIN * 1000 ? ["warn", "encryption.slow", { seconds: seconds(took) }] : ["good", "encryption.good", { seconds: seconds(took) }];
}

/** Whether the booklet and every file it names lie on the device, and somebody is there to hand them out. */
async function offline() {
  await Promise.race([navigator.serviceWorker.ready, new Promise((_, fail) => setTimeout(fail, PATIENCE, new Error("no service worker")))]);
  const shell = await caches.match("/booklet", { ignoreVary: true });
  if (!shell) return ["bad", "offline.bad"];
  const page = new DOMParser().parseFromString(await shell.text(), "text/html");
  const wanted = [...page.querySelectorAll("script[src], link[href]")].map((each) => each.getAttribute("src") ?? each.getAttribute("href"));
  const there = await Promise.all(wanted.map((each) => caches.match(each, { ignoreVary: true })));
  return there.every(Boolean) ? ["good", "offline.good", { count: there.length + 1 }] : ["bad", "offline.bad"];
}

let heard = null; // {skew: seconds the device is ahead of the server} of the quickest answer

async function line() {
  const times = [];
  heard = null;
  for (let turn = 0; turn < 3; turn++) {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), PATIENCE);
    let answer;
    const took = await round(async () => { answer = await fetch("/device-check/echo", { cache: "no-store", credentials: "omit", signal: cut.signal }); });
    clearTimeout(timer);
    if (!answer.ok) throw new Error(`${answer.status}`);
    const date = Date.parse(answer.headers.get("Date"));
    // The header counts whole seconds: on average half of one has passed.
    if (date && times.every((each) => took < each)) heard = { skew: (Date.now() - took / 2 - date) / 1000 - 0.5 };
    times.push(took);
  }
  const took = Math.min(...times);
  return took > SLOW_LINE * 1000 ? ["warn", "line.slow", { seconds: seconds(took) }] : ["good", "line.good", { seconds: seconds(took) }];
}

function clock() {
  if (!heard) return ["warn", "clock.unknown"];
  const off = Math.abs(heard.skew);
  const [unit, n] = off < 120 ? ["seconds", off] : off < 172_800 ? ["minutes", off / 60] : ["days", off / 86_400];
  const skew = say(unit, { n: Math.round(n) });
  return off < SKEW[0] ? ["good", "clock.good", { skew }] : off < SKEW[1] ? ["warn", "clock.warn", { skew }] : ["bad", "clock.bad", { skew }];
}

const CHECKS = { browser, storage, encryption, offline, line, clock };

async function run() {
  const again = document.getElementById("again");
  const result = document.getElementById("result");
  again.setAttribute("aria-disabled", "true");
  result.replaceChildren();
  for (const name of Object.keys(CHECKS)) document.querySelector(`[data-check=${name}] span`).textContent = say("running");
  let tones = "";
  for (const [check, work] of Object.entries(CHECKS)) {
    const [tone, key, values] = await tried(check, work);
    const place = document.querySelector(`[data-check=${check}]`);
    place.dataset.tone = tone;
    place.querySelector("span").textContent = `${GLYPH[tone]} ${say(tone)} – ${say(key, values)}`;
    tones += DIGIT[tone];
  }
  const worst = tones.includes("2") ? "bad" : tones.includes("1") ? "warn" : "good";
  const version = /static\/(\w+)\//.exec(import.meta.url)?.[1].slice(0, 4) ?? "?";
  const box = Object.assign(document.createElement("div"), { className: `notice ${worst}` });
  const code = `${tones.slice(0, 3)} ${tones.slice(3)} · ${name()} · ${version}`;
  box.append(...[say(`all.${worst}`), say("code", { code }), say("code.hint")].map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  result.append(box);
  again.removeAttribute("aria-disabled");
}

async function tried(check, work) {
  try {
    return await work();
  } catch (problem) {
    console.info(`${check}: ${problem.message}`);
    return ["bad", `${check}.bad`, { missing: problem.message }];
  }
}

document.getElementById("again").addEventListener("click", ({ target }) => { if (!target.matches("[aria-disabled]")) run(); });
run();
