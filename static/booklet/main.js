// The booklet: which screen is shown, the count of what waits, and the lock.

import { actions, button, byId, el, notice, ready, say, sure, t } from "./page.js";
import { ask, Line, registered } from "./line.js";
import { change, contact } from "./report.js";
import { people, person } from "./people.js";
import { plan } from "./plan.js";
import { saving } from "./carry.js";
import { sent } from "./sent.js";
import { session, sessions } from "./pay.js";
import { start } from "./start.js";
import { ROOM, room, unsent, write } from "./store.js";

const IDLE = 15 * 60_000;
let book = null;
let screen = {};
let active = Date.now();
let last;

const SCREENS = {
  p: (id) => (id ? person(book, id) : people(book)),
  s: (id) => (id ? session(book, id) : sessions(book)),
  l: () => plan(book),
  o: () => sent(book),
  r: (id, reason) => change(book, id, reason),
  c: (id) => contact(book, id),
  d: device,
};

/** Shows a screen and reads its title out. */
function show(next, quiet) {
  screen = next;
  document.title = `${next.title} · ${t("name")}`;
  const title = el("h1", { tabindex: "-1" }, next.title);
  byId("screen").replaceChildren(...el("div", {}, next.back && el("p", {}, el("a", { class: "tall", href: next.back }, `‹ ${t("back")}`)), title, next.nodes).childNodes);
  if (!quiet) title.focus();
  scrollTo(0, 0);
}

function route() {
  if (!book) return;
  const [name, ...parts] = (location.hash.slice(1) || "p").split("/");
  document.querySelectorAll("#tabs a").forEach((each) => {
    if (each.hash.slice(1) === name) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  });
  try {
    show(book.isReady ? (SCREENS[name] ?? SCREENS.p)(...parts) : { title: t("copying"), nodes: [el("p", { id: "copied" })] });
  } catch (problem) {
    console.warn(problem);
    show({ title: t("nobody"), back: "#p", nodes: [el("p", {}, t("nobody.hint"))] });
  }
  copied();
}

/** The count of what waits stands on every screen, locked or not. */
async function countUnsent() {
  const n = book ? book.outbox.waiting.length : await unsent().catch(() => 0);
  byId("count").textContent = n ? t("unsent", { n }) : t("unsent.none");
  byId("count").className = n ? "badge warn" : "badge calm";
}

const amount = () => t("copied", { n: book.register.all("person").length + book.register.all("payment").length });

function copied() {
  if (byId("copied")) byId("copied").textContent = amount();
}

/** What the line tells after each step. */
async function tell(state) {
  if (!book) return;
  if (state === "revoked") return lock(notice("bad", t("revoked")));
  byId("line").textContent = book.meta.copying && state !== "cut" ? amount() : t(`line.${state}`);
  await countUnsent();
  if (!book) return;
  if (byId("copied") && book.isReady) return route();
  copied();
  screen.refresh?.();
  if (state === "sign-in" && !screen.isSignIn) show(signIn());
}

/** The device is not known any more (a server restored from an old copy): a new token, with everything kept. */
function signIn() {
  const send = async ({ password, otp }) => {
    const { account } = book.who;
    const made = await registered({ username: account, password, name: book.record.label, otp, limit: 0 });
    await book.keep({ puts: [[["who"], { ...book.who, device: made.device }], [["meta"], { ...book.meta, token: made.token, again: true }]] });
    Object.assign(book.who, { device: made.device });
    Object.assign(book.meta, { token: made.token, again: true });
    book.line.run();
    location.hash = "#o";
    route();
  };
  return { title: t("sign.in"), isSignIn: true, nodes: [el("p", {}, t("sign.in.hint")), ready("sign-in", send)] };
}

/** About this device: whose booklet, since when, and ending it. */
function device() {
  const end = async () => {
    const n = book.outbox.waiting.length;
    if (!await sure(n ? t("end.ask.unsent", { n }) : t("end.ask"))) return;
    await ask("DELETE", "devices/self", { token: book.meta.token }).catch(() => null);
    const { id } = book;
    close();
    await write(id, { cuts: [[]], alter: () => null });
    opened(null, notice("good", t("end.done")));
  };
  const { me } = book.lists;
  return {
    title: t("nav.device"),
    nodes: [
      el("p", {}, el("b", {}, me.name), ["", t(`role.${me.role}`), me.unit, book.record.label].join(" · ")),
      actions(saving(book.id), button(t("end"), end, "danger")),
    ],
  };
}

/** Forgets the key and everything on the screen. */
function close() {
  book?.line.stop();
  book?.lock();
  book = null;
  byId("notice").replaceChildren();
  byId("screen").replaceChildren();
}

function lock(said) {
  close();
  return opened(null, said);
}

async function opened(next, said) {
  document.body.classList.toggle("open", Boolean(next));
  byId("line").textContent = "";
  if (!next) {
    show(await start(opened, said), true);
    document.querySelector(said ? "#screen h1" : "#screen [name=username], #screen [name=pin]")?.focus();
    return countUnsent();
  }
  if (last && last !== next.id) history.replaceState(null, "", "#p");
  last = next.id;
  book = next;
  active = Date.now();
  book.go = (hash, text) => {
    book.said = text;
    location.hash = hash;
    countUnsent();
  };
  book.line = new Line(book, tell);
  route();
  countUnsent();
  warnOfRoom();
  book.line.run();
}

/** Said before anything is lost: what is marked on a device that is full could not be kept. */
async function warnOfRoom() {
  if (await room() < ROOM) say("warn", t("full.soon"));
}

function idle() {
  if (book && Date.now() - active > IDLE) lock(notice("info", t("locked.idle")));
}

export function booklet() {
  addEventListener("hashchange", () => {
    byId("notice").replaceChildren();
    route();
    if (book?.said) say("good", book.said);
    if (book) book.said = "";
  });
  ["pointerdown", "keydown"].forEach((name) => addEventListener(name, () => { idle(); active = Date.now(); }, true));
  ["visibilitychange", "focus"].forEach((name) => addEventListener(name, idle));
  setInterval(idle, 15_000);
  byId("lock").addEventListener("click", () => lock());
  opened(null);
}
