// The self-test of a device. Each check answers [tone, key of its sentence, values]; the result is six digits to read out.

import { badge, byId, keptPage, notice, t } from "./page.js";
import { patiently } from "./line.js";
import { newLock, openLock, seal, unseal } from "./vault.js";
import { ROOM, room, value, write } from "./store.js";

const SLOW_PIN = 4000;
const SLOW_LINE = 3000;
const LONGEST = 20_000;
const SKEW = [120, 86_400]; // seconds: worth a remark; surely wrong
const GRADES = ["good", "warn", "bad"];

const local = (number) => number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
const timed = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** "Chrome/109"; those built on another's engine name both, themselves last. */
const browserName = () => navigator.userAgent.match(/(Edg|OPR|Chrome|Firefox|Version)\/\d+/g)?.pop() ?? "?";

function browser() {
  const needed = { https: isSecureContext, crypto: crypto?.subtle, indexedDB: globalThis.indexedDB, locks: navigator.locks, serviceWorker: navigator.serviceWorker };
  const missing = Object.keys(needed).filter((each) => !needed[each]).join(", ");
  return missing ? ["bad", "browser.bad", { missing }] : ["good", "browser.good", { browser: browserName() }];
}

/** Writes something where the booklets lie, reads it back, removes it. */
async function storage() {
  const wanted = crypto.getRandomValues(new Uint8Array(65_536));
  await write("test", { puts: [[["test"], wanted]] });
  const found = await value("test", "test");
  await write("test", { cuts: [[]] });
  if (`${found}` !== `${wanted}`) throw new Error();
  const left = await room();
  const values = { room: Number.isFinite(left) ? local(Math.floor(left / 1e6)) : "?" };
  if (left < ROOM) return ["bad", "storage.full", values];
  return await navigator.storage?.persisted?.() || await navigator.storage?.persist?.() ? ["good", "storage.good", values] : ["warn", "storage.kept", values];
}

async function encryption() {
  const pin = `${crypto.getRandomValues(new Uint32Array(1))[0] + 1e10}`;
  const { lock } = await newLock(pin);
  let key;
  const took = await timed(async () => { key = await openLock(lock, pin); });
  const text = "ăâđêôơư";
  if (await unseal(key, await seal(key, text, "test"), "test") !== text || await openLock(lock, `${pin}0`)) return ["bad", "encryption.bad"];
  const seconds = { seconds: local(took / 1000) };
  return took > SLOW_PIN ? ["warn", "encryption.slow", seconds] : ["good", "encryption.good", seconds];
}

/** Whether the booklet lies on the device, and somebody is there to hand it out: a worker keeps every file of it or is none. */
async function offline() {
  await Promise.race([navigator.serviceWorker.ready, new Promise((_, fail) => setTimeout(fail, LONGEST, new Error()))]);
  await keptPage();
  return ["good", "offline.good"];
}

let skew = null; // seconds the device is ahead of the server, by the quickest answer

async function roundTrip() {
  let best = Infinity;
  skew = null;
  for (let turn = 0; turn < 3; turn++) {
    let answer;
    const took = await timed(() => patiently("/device-check/echo", {}, (heard) => { answer = heard; }));
    if (!answer.ok) throw new Error(`${answer.status}`);
    const date = Date.parse(answer.headers.get("Date"));
    // The header counts whole seconds: on average half of one has passed.
    if (date && took < best) skew = (Date.now() - took / 2 - date) / 1000 - 0.5;
    best = Math.min(best, took);
  }
  const seconds = { seconds: local(best / 1000) };
  return best > SLOW_LINE ? ["warn", "line.slow", seconds] : ["good", "line.good", seconds];
}

function clock() {
  if (skew === null) return ["warn", "clock.unknown"];
  const off = Math.abs(skew);
  const tone = GRADES[SKEW.filter((limit) => off >= limit).length];
  return [tone, `clock.${tone}`, { skew: tone === "bad" ? t("days", { n: local(off / 86_400) }) : t("minutes", { n: local(off / 60) }) }];
}

const CHECKS = { browser, storage, encryption, offline, line: roundTrip, clock };
const spot = (name) => document.querySelector(`[data-check=${name}]`);

async function check() {
  const again = byId("again");
  again.setAttribute("aria-disabled", "true");
  byId("result").replaceChildren();
  for (const name of Object.keys(CHECKS)) spot(name).querySelector("span").textContent = t("running");
  let digits = "";
  for (const [name, work] of Object.entries(CHECKS)) {
    const [tone, key, values] = await tried(name, work);
    spot(name).querySelector("span").replaceChildren(badge(tone, t(tone)), ` – ${t(key, values)}`);
    digits += GRADES.indexOf(tone);
  }
  const worst = GRADES[Math.max(...digits)];
  const version = /static\/(\w+)\//.exec(import.meta.url)?.[1].slice(0, 4) ?? "?";
  const code = `${digits.slice(0, 3)} ${digits.slice(3)} · ${browserName()} · ${version}`;
  byId("result").append(notice(worst, t(`all.${worst}`), t("code", { code }), t("code.hint")));
  again.removeAttribute("aria-disabled");
}

async function tried(name, work) {
  try {
    return await work();
  } catch (problem) {
    return ["bad", `${name}.bad`, { missing: problem.message }];
  }
}

export function selftest() {
  byId("again").onclick = ({ target }) => { if (!target.matches("[aria-disabled]")) check(); };
  check();
}
