// The posted schedule, as it was last told to this device.

import { badge, el, moment, day, small, t } from "./page.js";
import { when, where } from "./pay.js";

export function plan(book) {
  const posted = Object.values(book.schedules).filter(Boolean);
  return {
    title: t("nav.plan"),
    nodes: posted.length ? posted.map(({ month, revision, posted_at, sessions }) => [
      el("h2", {}, t("month", { month: day(month) })),
      el("p", { class: "hint" }, t("revision", { n: revision, at: moment(posted_at) })),
      el("ul", { class: "log" }, sessions.map((each) => el("li", {}, el("p", {}, el("b", {}, when(each)), ` – ${where(book, each)} `, each.state === "cancelled" && badge("warn", t("cancelled")),
        small([each.place || book.lists.units[each.pay_point], book.lists.staff[each.agent] ?? each.agent, each.note].filter(Boolean).join(" · ")))))),
    ]) : el("p", { class: "empty" }, t("plan.none")),
  };
}
