// The records the device holds, in memory while the booklet is open; kept in sealed buckets (store "r", kind, bucket).

import { byName, key, matches, nameKey } from "./fold.js";

export const KEPT = { person: "", change: "decided_at", conflict: "resolved_at", payment: "month" }; // kind → the field its window goes by

const bucket = (id) => id.slice(-1);

export class Register {
  constructor() {
    this.kinds = Object.fromEntries(Object.keys(KEPT).map((kind) => [kind, new Map()]));
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
  take({ records, gone, more, windows }, generation, fromTheStart) {
    const touched = new Set();
    for (const { kind, id, version, fields } of records) {
      const rows = this.kinds[kind];
      if (!rows) continue;
      const old = rows.get(id);
      rows.set(id, { ...(old?.g === generation ? old : {}), ...fields, id, version, g: generation });
      touched.add(`${kind}/${bucket(id)}`);
    }
    const away = gone.map(({ kind, id }) => [kind, id]);
    if (!more) {
      for (const [kind, name] of Object.entries(KEPT)) {
        const isOld = (row) => fromTheStart && row.g !== generation || row[name] < windows[kind];
        away.push(...this.all(kind).filter(isOld).map((row) => [kind, row.id]));
      }
    }
    for (const [kind, id] of away) if (this.kinds[kind]?.delete(id)) touched.add(`${kind}/${bucket(id)}`);
    if (touched.size) this.index = null;
    return [...touched].map((each) => each.split("/")).map(([kind, b]) => [["r", kind, b], this.all(kind).filter((row) => bucket(row.id) === b)]);
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
      .map((row) => ({ row, name: nameKey(row.full_name), key: key(row.full_name, row.hamlet, row.code, row.phone) }))
      .sort((a, b) => byName(a.name, b.name));
    return this.index.filter(({ row, key }) => (!hamlet || row.hamlet === hamlet) && matches(key, query)).map(({ row }) => row);
  }
}
