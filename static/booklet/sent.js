// The outbox on the screen: what, whom, when, and what became of it, in words. Nothing is "arrived" before the server said so.

import { actions, badge, button, el, label, moment, ready, say, small, sure, t } from "./page.js";
import { saving, taken } from "./carry.js";
import { inWords, shown } from "./values.js";

/** What an edit wants, in words. */
function what(book, { edit }) {
  const { kind, set } = edit;
  if (kind === "change") return [t("what.change"), shown(book, null, set.reason?.[1], "reason"), shown(book, book.field(kind, "event_date"), set.event_date?.[1])].filter(Boolean).join(" · ");
  return Object.entries(set).map(([name, [, wanted]]) => `${label(book.field(kind, name))}: ${shown(book, book.field(kind, name), wanted, name) || t("empty")}`).join("; ");
}

/** What became of an item: [tone, words, further sentences]. */
export function outcome(book, item) {
  const { edit, result, tried } = item;
  if (book.outbox.sending.has(item)) return ["info", t("out.sending")];
  if (!result) return tried ? ["info", t("out.unknown")] : ["calm", t("out.waiting")];
  if (result.reason) return ["bad", t("out.refused"), result.reason.message];
  const became = Object.values(result.fields ?? {});
  const about = book.register.all("conflict").filter((each) => each.author === book.lists.me.account && each.about === edit.record && each.field in edit.set);
  const newest = about.find((each) => each.state === "open") ?? about[0];
  const type = newest && inWords(book, "conflict", newest, "type");
  if (newest?.state === "resolved") return ["good", t("out.resolved"), type];
  if (newest) return ["warn", newest.type === "double_payment" ? t("out.double") : t("out.conflict"), newest.type !== "field" && type, who(newest)];
  if (became.includes("conflict")) return ["warn", t("out.conflict")];
  if (became.includes("proposed")) {
    const mine = book.register.all("change").filter((each) => each.target === edit.record && each.author === book.lists.me.account);
    const change = book.register.get("change", edit.record) ?? mine.find((each) => each.state === "proposed") ?? mine.sort((a, b) => (a.at < b.at ? 1 : -1))[0];
    if (!change || ["proposed", "returned"].includes(change.state)) return ["info", t("out.proposed"), change?.question, change && who(change)];
    return [change.state === "approved" ? "good" : "warn", t("out.arrived"), inWords(book, "change", change, "state"), change.decision?.reason];
  }
  if (became.includes("superseded")) return ["info", t("out.superseded")];
  return ["good", t("out.arrived")];
}

const who = ({ deciders }) => deciders?.length && t("out.who", { who: deciders.map((role) => t(`role.${role}`)).join(", ") });

/** The screen with every item, the newest first; export, import and sending at once. */
export function sent(book) {
  const list = el("ul", { class: "log", id: "items" });
  const none = el("p", { class: "empty" }, t("outbox.none"));
  const now = button(t("send.now"), () => book.line.run(true), "primary");
  function refresh() {
    const items = book.outbox.newestFirst;
    none.hidden = items.length > 0;
    now.hidden = !book.outbox.waiting.length;
    const focused = document.activeElement?.closest?.("#items > li")?.id;
    list.replaceChildren(...items.map((item) => row(book, item, refresh)));
    if (focused) document.getElementById(focused)?.querySelector("button, p")?.focus();
  }
  refresh();
  const take = async ({ file, pin }) => {
    const n = await taken(book, file, pin);
    say("good", t("file.taken", { n }));
    refresh();
    book.line.kick();
  };
  return {
    title: t("nav.outbox"),
    refresh,
    nodes: [
      actions(now), none, list,
      el("h2", {}, t("carry")),
      el("p", { class: "hint" }, t("carry.hint")),
      actions(saving(book.id)),
      el("details", {}, el("summary", {}, t("import")), ready("import", take)),
    ],
  };
}

function row(book, item, refresh) {
  const [tone, words, ...more] = outcome(book, item);
  const takeBack = async () => {
    if (!await sure(t("take.back.ask"))) return;
    await book.outbox.takeBack(item);
    book.line.kick();
    refresh();
  };
  return el("li", { id: `i-${item.of ?? ""}-${item.n}` },
    el("p", { tabindex: "-1" }, el("b", {}, item.about), ` – ${what(book, item)} `, badge(tone, words), small(moment(item.at), item.of && ` · ${t("other.device")}`)),
    more.filter(Boolean).map((each) => el("p", {}, each)),
    book.outbox.canTakeBack(item) && button(t("take.back"), takeBack));
}
