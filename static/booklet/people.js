// Finding a person, and what the device knows of one.

import { actions, badge, day, el, field, label, notice, select, small, t } from "./page.js";
import { words } from "./fold.js";
import { marking, redraw } from "./pay.js";
import { inWords, shown } from "./values.js";

const FEW = 25;
const UNTOLD = new Set(["former_communes"]);
const asked = { typed: "", hamlet: "" };

/** The list of people with a search that answers as one types. */
export function people(book) {
  const list = el("ul", { class: "log" });
  const found = el("p", { class: "hint", role: "status" });
  const hamlets = [...new Set(Object.values(book.lists.hamlets).flat())];
  const box = field("q", t("find"), { type: "search", optional: null, hint: t("find.hint"), value: asked.typed, enterkeyhint: "search", oninput: answer });
  const among = select("hamlet", hamlets.map((name) => [name, name]), asked.hamlet, t("all.hamlets"), { "aria-label": t("hamlet"), onchange: answer });
  function answer() {
    asked.typed = box.querySelector("input").value;
    asked.hamlet = among.value;
    const rows = book.register.find(words(asked.typed), asked.hamlet);
    list.replaceChildren(...rows.slice(0, FEW).map((row) => line(book, row)));
    found.textContent = rows.length > FEW ? t("found.many", { n: rows.length, few: FEW }) : t("found", { n: rows.length });
  }
  answer();
  return { title: t("nav.people"), nodes: [el("div", { class: "search" }, box, hamlets.length > 1 && el("div", { class: "filters" }, among)), found, list], refresh: () => list.contains(document.activeElement) || answer() };
}

function line(book, row) {
  const about = [row.hamlet, row.code, day(row.birth)].filter(Boolean).join(" · ");
  const state = row.status && row.status !== "active" && inWords(book, "person", row, "status");
  const isDead = book.outbox.ahead.dead.has(row.id);
  return el("li", {}, el("a", { class: "tall", href: `#p/${row.id}` }, el("b", {}, row.full_name), small(about)), (state || isDead) && badge("warn", isDead ? t("dead") : state));
}

/** One person: what to do, what is known, the payments. */
export function person(book, id) {
  const row = book.get("person", id);
  if (!row) return { title: t("nobody"), nodes: [el("p", {}, t("nobody.hint"))] };
  const isDead = book.outbox.ahead.dead.has(id);
  const conflicts = book.register.all("conflict").filter((each) => each.state === "open" && (each.about === id || book.register.get("payment", each.about)?.person === id));
  const facts = Object.entries(book.lists.kinds.person.fields).filter(([name]) => !UNTOLD.has(name)).map(([name, described]) => {
    const said = shown(book, described, row[name], name);
    return said && el("div", {}, el("dt", {}, label(described)), el("dd", {}, name === "phone" ? el("a", { href: `tel:${said}` }, said) : said));
  });
  const payments = book.register.paymentsOf(id).map((each) => el("li", {}, marking(book, each.id, { month: true })));
  const mayReport = book.lists.kinds.change.create;
  return {
    title: row.full_name,
    back: "#p",
    refresh: () => redraw(book, { month: true }),
    nodes: [
      isDead && notice("warn", t("dead.said")),
      conflicts.map((each) => notice("warn", t("conflict.open", { what: inWords(book, "conflict", each, "type") }))),
      actions(
        mayReport && !isDead && row.status === "active" && el("a", { class: "button danger", href: `#r/${id}/CHET` }, t("report.death")),
        mayReport && el("a", { class: "button", href: `#r/${id}` }, t("report.other")),
        book.may("person", "phone") && el("a", { class: "button", href: `#c/${id}` }, t("correct"))),
      el("h2", {}, t("payments")),
      payments.length ? el("ul", { class: "log" }, payments) : el("p", { class: "empty" }, t("payments.none")),
      el("h2", {}, t("facts")),
      el("dl", { class: "facts" }, facts),
    ],
  };
}
