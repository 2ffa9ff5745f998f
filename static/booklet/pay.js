// Sessions of the posted schedule, their lines, and what became of the money of each.

import { badge, button, day, el, field, label, money, notice, select, small, t } from "./page.js";
import { key, matches, words } from "./fold.js";
import { markWords } from "./values.js";

const STATE_TONES = { paid: "good", withheld: "warn", uncollected: "warn", rejected: "bad", planned: "calm" };
const AT_ONCE = 60;

const standing = (book, session) => {
  const lines = book.register.linesOf(session, session.month);
  return { lines, left: lines.filter((row) => book.stateOf(book.get("payment", row.id)) === "planned").length };
};

export const sessionsOf = (book) => Object.values(book.schedules).filter(Boolean)
  .flatMap(({ month, sessions }) => sessions.map((session) => ({ ...session, month })));

export const when = ({ day: on, starts, ends }) => `${day(on)} ${starts ?? ""}–${ends ?? ""}`;
export const where = (book, session) => [book.lists.units[session.commune] ?? session.commune, ...session.hamlets ?? []].join(", ");

/** One's own sessions with how many lines have no result yet; whoever supervises sees all of them. */
export function sessions(book) {
  const { account, role } = book.lists.me;
  const mine = sessionsOf(book).filter((each) => each.state !== "cancelled" && (role !== "post_agent" || each.agent === account));
  return {
    title: t("nav.pay"),
    nodes: mine.length ? el("ul", { class: "log" }, mine.map((each) => {
      const { lines, left } = standing(book, each);
      return el("li", {}, el("a", { class: "tall", href: `#s/${each.id}` }, el("b", {}, where(book, each)), small(when(each), " · ", each.place || book.lists.units[each.pay_point])),
        badge(left ? "info" : "good", t("left", { n: left, all: lines.length })));
    })) : el("p", { class: "empty" }, t("sessions.none")),
  };
}

/** The people of one session, each with what can be said of them. */
export function session(book, id) {
  const found = sessionsOf(book).find((each) => each.id === id);
  if (!found) return { title: t("nav.pay"), back: "#s", nodes: [el("p", { class: "empty" }, t("sessions.none"))] };
  const list = el("ul", { class: "log" });
  const sums = el("p", { class: "hint", role: "status" });
  const box = field("q", t("find.line"), { type: "search", optional: null, oninput: answer });
  function answer() {
    const query = words(box.querySelector("input").value);
    const lines = book.register.linesOf(found, found.month).filter((row) => matches(key(row.full_name, row.hamlet, row.line_code), query));
    list.replaceChildren(...lines.slice(0, AT_ONCE).map((row) => el("li", {}, marking(book, row.id, { after: count }))));
    if (lines.length > AT_ONCE) list.append(el("li", {}, t("found.many", { n: lines.length, few: AT_ONCE })));
    count();
  }
  function count() {
    const { lines, left } = standing(book, found);
    sums.textContent = t("left", { n: left, all: lines.length });
  }
  answer();
  return { title: t("session.of", { where: where(book, found), day: day(found.day) }), back: "#s", nodes: [el("p", {}, when(found), " · ", found.place || book.lists.units[found.pay_point]), el("div", { class: "search" }, box), sums, list], refresh: () => { redraw(book, { after: count }); count(); } };
}

/** Draws the payments on the screen anew, but not the one that is being worked on. */
export function redraw(book, how) {
  for (const each of document.querySelectorAll(".line")) {
    if (!each.contains(document.activeElement) && !each.querySelector("[open]")) each.replaceWith(marking(book, each.dataset.id, how));
  }
}

/** One payment with its state and the buttons to mark it; it draws itself anew when one is pressed. */
export function marking(book, id, { month = false, after } = {}) {
  const row = book.get("payment", id);
  const owner = book.get("person", row.person) ?? {};
  const state = book.stateOf(row);
  const item = book.outbox.newestFirst.find(({ edit }) => edit.record === id);
  const place = el("div", { class: "line", role: "group", "aria-label": row.full_name, "data-id": id });
  const again = () => {
    const fresh = marking(book, id, { month, after });
    place.replaceWith(fresh);
    fresh.querySelector("[tabindex]").focus();
    after?.();
  };
  const mark = async (wanted) => {
    if (place.matches("[aria-busy]")) return;
    place.setAttribute("aria-busy", "true");
    try {
      const now = new Date().toISOString();
      const to = wanted.state === "paid" && { to: [row.full_name, owner.alternate_recipient?.name, "", undefined].includes(row.recipient) ? "self" : "guardian" };
      const base = book.register.get("payment", id);
      await book.outbox.add({ kind: "payment", record: id, op: "set", base: base.version, set: { mark: [row.mark ?? null, { ...to, ...wanted, at: now }] }, at: now }, row.full_name);
      book.line.kick();
      again();
    } catch (problem) {
      place.removeAttribute("aria-busy");
      place.append(notice("bad", t(problem.name === "QuotaExceededError" ? "full" : "failed")));
    }
  };
  const mayMark = book.may("payment", "mark") && row.method === "cash" && state !== "paid";
  const said = state === "withheld" ? t("state.withheld") : markWords(book, row.mark) || t("state.planned");
  place.append(
    el("p", {}, el("a", { class: "tall", href: `#p/${row.person}` }, el("b", {}, month ? t("month", { month: day(row.month) }) : row.full_name)),
      small([month ? null : row.hamlet, row.line_code, owner.phone].filter(Boolean).join(" · ")), month ? null : owner.locator && small(owner.locator)),
    el("p", { class: "amount" }, el("b", {}, money(row.total)), " ", el("span", { tabindex: "-1" }, badge(STATE_TONES[state], said)), item && !item.result && small(t("waiting"))));
  if (owner.alternate_recipient) place.append(small(t("alternate", { name: owner.alternate_recipient.name, until: owner.alternate_recipient.until ? t("until", { day: day(owner.alternate_recipient.until) }) : "" })));
  if (item && book.outbox.canTakeBack(item)) place.append(button(t("take.back"), async () => { await book.outbox.takeBack(item); book.line.kick(); again(); }));
  if (mayMark) place.append(buttons(book, row, owner, state, mark));
  return place;
}

function buttons(book, row, owner, state, mark) {
  const paid = (how, more) => () => mark({ ...more, state: "paid", how });
  const counter = button(t("mark.counter"), paid("counter"), row.home_delivery ? "" : "primary");
  const home = button(t("mark.home"), paid("home"), row.home_delivery ? "primary" : "");
  const reasons = select("reason", book.lists.uncollected.map((each) => [each.code, label(each)]), row.mark?.reason, t("reason.blank"), { "aria-label": t("reason.of", { name: row.full_name }) });
  const not = el("details", {}, el("summary", {}, t("mark.not")), el("div", { class: "search-line" }, reasons, button(t("mark.uncollected"), () => {
    if (reasons.value) return mark({ state: "uncollected", reason: reasons.value });
    reasons.setAttribute("aria-invalid", "true");
    reasons.focus();
  })));
  const all = el("div", {}, el("div", { class: "actions" }, row.home_delivery ? [home, counter] : [counter, home],
    owner.alternate_recipient && button(t("mark.alternate"), paid("counter", { to: "alternate" }))), not);
  return state === "withheld" ? el("details", {}, el("summary", {}, t("handed.over")), all) : all;
}
