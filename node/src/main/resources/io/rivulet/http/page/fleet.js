// What is known of the fleet: for each node the reports of the last minutes.

const KEPT = 10 * 60_000;
const COLOURS = 6;

export class Fleet {

  nodes = new Map();

  /** By how much the server's clock is ahead of this one. */
  #ahead = 0;
  #seen = 0;

  /** The time by the server's clock. */
  get now() {
    return Date.now() + this.#ahead;
  }

  /** Takes an event of the stream. */
  take(type, event) {
    const time = Date.parse(event.time);
    if (type === "clock") {
      this.#ahead = time - Date.now();
    } else if (type === "node") {
      const node = this.#node(event.node);
      node.model = event.model;
      node.interval = event.interval_ms ?? 1000;
      append(node.reports, time, event);
    } else if (type === "sparsity") {
      append(this.#node(event.node).sparsity, time, event);
    }
  }

  #node(name) {
    if (!this.nodes.has(name)) {
      this.nodes.set(name, {name, colour: this.#seen++ % COLOURS, model: "", interval: 1000, reports: [], sparsity: []});
    }
    return this.nodes.get(name);
  }

  /** Forgets what is too old, and nodes of which nothing is left. */
  prune() {
    const since = this.now - KEPT;
    for (const [name, node] of this.nodes) {
      for (const list of [node.reports, node.sparsity]) {
        const first = list.findIndex(report => report.t >= since);
        list.splice(0, first < 0 ? list.length : first);
      }
      if (node.reports.length === 0 && node.sparsity.length === 0) {
        this.nodes.delete(name);
      }
    }
  }

  /** The nodes in the order of their names; those that are silent come last. */
  sorted() {
    return [...this.nodes.values()].sort((a, b) =>
      this.silence(a) === null !== (this.silence(b) === null) ? (this.silence(a) === null ? -1 : 1) : a.name < b.name ? -1 : 1);
  }

  present() {
    return this.sorted().filter(node => this.silence(node) === null);
  }

  /** For how long a node has been silent if that is so long that it counts as gone, else null. */
  silence(node) {
    const last = latest(node)?.t ?? node.sparsity.at(-1)?.t ?? 0;
    const silent = this.now - last;
    return silent > Math.max(10_000, 5 * node.interval) ? silent : null;
  }
}

/** After a reconnection the same reports may come again. */
function append(list, t, report) {
  if (!(t <= (list.at(-1)?.t ?? -Infinity))) {
    list.push({t, from: t - (report.window_ms ?? 1000), ...report});
  }
}

/** A node's last report. */
export const latest = node => node.reports.at(-1);

/** The reports since a time. */
export function since(list, time) {
  const first = list.findIndex(report => report.t >= time);
  return first < 0 ? [] : list.slice(first);
}

/** What audits found over several reports of the same place, weighted by their number. */
export function audited(figures) {
  let audits = 0;
  const sums = {recall: 0, precision: 0, cett: 0};
  for (const each of figures) {
    if (each.audits > 0 && each.recall !== undefined) {
      audits += each.audits;
      for (const name of Object.keys(sums)) {
        sums[name] += each.audits * (each[name] ?? 0);
      }
    }
  }
  const last = name => figures.findLast(each => each[name] !== undefined)?.[name];
  const means = audits === 0 ? {} : Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / audits]));
  return {audits, ...means, recall_floor: last("recall_floor"), cett_ceiling: last("cett_ceiling")};
}
