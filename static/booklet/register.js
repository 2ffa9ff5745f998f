// The records the device holds, in memory while the booklet is open; kept in sealed buckets (store "r", kind, bucket).

import { byName, fold, matches, nameKey } from "./fold.js";

const KEPT = ["person", "payment", "change", "conflict"];
const MONTHS = 3; // of payments; older ones are looked up on the portal's pages

const bucket = (id) => id.slice(-1);

export class Register {
  constructor() {
    this.kinds = Object.fromEntries(KEPT.map((kind) => [kind, new Map()]));
    this.index = null;
  }

  load(kind, rows) {
    rows.forEach((row) => this.kinds[kind]?.set(row.id, row));
  }

  get(kind, id) {
    return this.kinds[kind].get(id);
  }

  all(kind) {
    return [...this.kinds[kind].values()];
  }

  /** Takes a page of a pull in; answers the buckets to be kept anew. A copy from the start has a generation of its own. */
  take({ records, gone, more }, generation, fromTheStart) {
    const touched = new Set();
    for (const { kind, id, version, fields } of records) {
      const rows = this.kinds[kind];
      const old = rows?.get(id);
      // Of a payment too old to be kept only what changed is told.
      if (!rows || (kind === "payment" && !old && !fields.month)) continue;
      rows.set(id, { ...(old?.g === generation ? old : {}), ...fields, id, version, g: generation });
      touched.add(`${kind}/${bucket(id)}`);
    }
    const away = gone.map(({ kind, id }) => [kind, id]);
    if (!more) away.push(...this.#old(fromTheStart && generation));
    for (const [kind, id] of away) if (this.kinds[kind]?.delete(id)) touched.add(`${kind}/${bucket(id)}`);
    if (touched.size) this.index = null;
    return [...touched].map((each) => each.split("/")).map(([kind, b]) => [["r", kind, b], this.all(kind).filter((row) => bucket(row.id) === b)]);
  }

  #old(generation) {
    const [oldest] = this.months().slice(MONTHS - 1);
    return KEPT.flatMap((kind) => this.all(kind)
      .filter((row) => (generation && row.g !== generation) || (kind === "payment" && row.month < oldest))
      .map((row) => [kind, row.id]));
  }

  /** Months that have payments, the newest first. */
  months() {
    return [...new Set(this.all("payment").map((row) => row.month))].sort().reverse();
  }

  paymentsOf(person) {
    return this.all("payment").filter((row) => row.person === person).sort((a, b) => (a.month < b.month ? 1 : -1));
  }

  /** The lines handed out at a posted session: cash of its month, commune and hamlets. */
  linesOf(session, month) {
    const { commune, hamlets } = session;
    return this.all("payment")
      .filter((row) => row.month === month && row.commune === commune && row.method === "cash" && (!hamlets?.length || hamlets.includes(row.hamlet)))
      .map((row) => ({ row, key: `${row.hamlet ?? ""} ${nameKey(row.full_name)}` }))
      .sort((a, b) => byName(a.key, b.key))
      .map(({ row }) => row);
  }

  /** People with every word of the query in name, hamlet, code or phone, by name; in one hamlet where it is named. */
  find(query, hamlet = "") {
    this.index ??= this.all("person")
      .map((row) => ({ row, name: nameKey(row.full_name), key: ` ${fold([row.full_name, row.hamlet, row.code, row.phone].filter(Boolean).join(" "))}` }))
      .sort((a, b) => byName(a.name, b.name));
    return this.index.filter(({ row, key }) => (!hamlet || row.hamlet === hamlet) && matches(key, query)).map(({ row }) => row);
  }
}
