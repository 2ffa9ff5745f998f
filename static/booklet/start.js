// Before a booklet is open: choosing one, its PIN, making one on this device, and what is left of one that was wiped.

import { actions, button, el, field, form, notice, ready, select, sure, t } from "./page.js";
import { TRIES, create, open } from "./book.js";
import { registered } from "./line.js";
import { ROOM, booklets, expect, isExpected, room, unsent, write } from "./store.js";
import { saving } from "./carry.js";

const pinProps = { type: "password", inputmode: "numeric", optional: false, autocomplete: "off" };

/** The first screen. `opened(book)` goes on. */
export async function start(opened, said) {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB || !navigator.locks) return { title: t("name"), nodes: [notice("bad", t("old"))] };
  let found;
  try {
    found = await booklets();
  } catch {
    return { title: t("name"), nodes: [notice("bad", t("no.store"))] };
  }
  const emptied = !found.length && isExpected();
  expect(found.length);
  const live = found.filter((each) => !each.ended);
  const ended = await Promise.all(found.filter((each) => each.ended).map((each) => over(each, opened)));
  const head = [said, emptied && notice("bad", t("emptied"))];
  if (!live.length) return { title: t("enable"), nodes: [head, ended, enabling(opened)] };
  return { title: t("name"), nodes: [head, ended, pin(live, opened), el("details", {}, el("summary", {}, t("enable.more")), enabling(opened, found.length))] };
}

function pin(live, opened) {
  const waiting = el("p", { class: "hint", role: "status" });
  const which = live.length > 1
    ? el("div", { class: "field" }, el("label", { for: "which" }, t("which")), select("id", live.map((each) => [each.id, each.label]), live[0].id, "", { id: "which", onchange: tell }))
    : el("p", {}, el("b", {}, live[0].label), el("input", { type: "hidden", name: "id", value: live[0].id }));
  const send = async ({ id, pin: typed }) => {
    const { book, busy, left } = await open(id, typed);
    if (book) return opened(book);
    if (busy) throw { text: t("busy") };
    if (!left) return opened(null, notice("bad", t("wiped")));
    made.elements.pin.value = "";
    throw { field: "pin", text: t("pin.wrong", { left, all: TRIES }) };
  };
  const made = form(send, t("open"), which, field("pin", t("pin"), pinProps), waiting);
  async function tell() {
    const n = await unsent(made.elements.id.value);
    waiting.textContent = n ? t("unsent", { n }) : "";
  }
  tell();
  return made;
}

/** What is left of a booklet that was wiped: its sealed outbox. */
async function over({ id, label, ended }, opened) {
  const n = await unsent(id);
  const forget = async () => {
    if (await sure(t("forget.ask", { n }))) {
      await write(id, { cuts: [[]], alter: () => null });
      opened(null);
    }
  };
  return notice("warn", el("p", {}, el("b", {}, label), ": ", t(`ended.${ended}`)), t("ended.left", { n }),
    actions(saving(id), button(t("forget"), forget, "danger")));
}

function enabling(opened, known = 0) {
  const send = async ({ username, password, otp, label, pin: typed, again }) => {
    const missing = Object.entries({ username, password, label }).find(([, value]) => !value);
    if (missing) throw { field: missing[0], text: t("wrong.missing") };
    if (!/^\d{6,}$/.test(typed) || /^(\d)\1+$/.test(typed) || "01234567890".includes(typed)) throw { field: "pin", text: t("pin.weak") };
    if (typed !== again) throw { field: "again", text: t("pin.differs") };
    if (await room() < ROOM) throw { text: t("full") };
    progress.textContent = t("enabling");
    try {
      const book = await create(typed, label, username, registered({ username, password, name: label, otp }));
      expect(true);
      navigator.storage?.persist?.();
      await opened(book);
    } finally {
      progress.textContent = "";
    }
  };
  const made = ready("enable", send);
  const progress = made.querySelector("[role=status]");
  made.elements.label.defaultValue = t("label.first", { n: known + 1 });
  return made;
}
