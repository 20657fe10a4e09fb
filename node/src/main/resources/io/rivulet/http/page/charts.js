// The charts of the fleet over time.

import {latest, since} from "/assets/fleet.js";
import {bytes, duration, number, share} from "/assets/format.js";
import {LineChart} from "/assets/line-chart.js";
import {merge, quantile} from "/assets/quantiles.js";

const BINS = 90;

export class Charts {

  #speed;
  #first;
  #queue;
  #reads;

  constructor(root) {
    this.#speed = new LineChart(root, "Tokens a second", number);
    this.#reads = new LineChart(root, "Bytes read a second", bytes);
    this.#first = new LineChart(root, "Time to first token", duration);
    this.#queue = new LineChart(root, "Oldest in queue", duration);
  }

  draw(fleet, range) {
    const to = fleet.now;
    const from = to - range;
    const nodes = fleet.sorted();
    const time = {from, to};
    this.#drawSpeed(nodes, time);
    this.#drawReads(nodes, time);
    this.#drawFirst(nodes, time);
    this.#drawQueue(nodes, time);
  }

  #drawSpeed(nodes, time) {
    const base = Array(BINS).fill(0);
    const series = nodes.map(node => {
      const values = held(node, time, report => report.tokens_per_second);
      const below = [...base];
      values.forEach((value, i) => base[i] += value ?? 0);
      return {name: node.name, style: `n${node.colour}`, values, base: below};
    });
    const now = nodes.map(latest).filter(report => report?.t > time.to - 10_000);
    this.#speed.draw({...time, series, now: number(now.reduce((sum, report) => sum + report.tokens_per_second, 0))});
  }

  #drawReads(nodes, time) {
    const read = Array(BINS).fill(0);
    const dense = Array(BINS).fill(0);
    const seconds = (time.to - time.from) / BINS / 1000;
    for (const report of nodes.flatMap(node => since(node.sparsity, time.from))) {
      // A window may reach over several stretches, or a part of one.
      spread(report, time, (bin, part) => {
        read[bin] += part * (report.bytes_read ?? 0) / seconds;
        dense[bin] += part * ((report.bytes_read ?? 0) + (report.bytes_skipped ?? 0)) / seconds;
      });
    }
    const all = dense.reduce((a, b) => a + b, 0);
    this.#reads.draw({...time, now: `${share(all ? read.reduce((a, b) => a + b, 0) / all : undefined)} of dense`, series: [
      {name: "a dense model would read", style: "dense", values: dense, base: Array(BINS).fill(0)},
      {name: "read", style: "read", values: read, base: Array(BINS).fill(0)}]});
  }

  #drawFirst(nodes, time) {
    const reports = nodes.flatMap(node => since(node.reports, time.from));
    const width = (time.to - time.from) / BINS;
    const within = Array.from({length: BINS}, (_, bin) => {
      const end = time.from + (bin + 1) * width;
      return merge(reports.filter(r => r.t <= end && r.t > end - 4 * width).map(r => r.time_to_first_token));
    });
    const all = merge(reports.map(r => r.time_to_first_token));
    this.#first.draw({...time, now: duration(quantile(all, 0.5)), series: [
      {name: "95 % within", style: "slow", values: within.map(h => quantile(h, 0.95))},
      {name: "half within", style: "half", values: within.map(h => quantile(h, 0.5))}]});
  }

  #drawQueue(nodes, time) {
    const series = nodes.map(node =>
      ({name: node.name, style: `n${node.colour}`, values: held(node, time, report => report.longest_wait_ms)}));
    const longest = Math.max(0, ...nodes.map(node => latest(node)?.longest_wait_ms ?? 0));
    this.#queue.draw({...time, series, now: duration(longest)});
  }
}

/** A value for each stretch: the report's that covers its middle. */
function held(node, {from, to}, valueOf) {
  const reports = since(node.reports, from);
  let next = 0;
  return Array.from({length: BINS}, (_, bin) => {
    const middle = from + (bin + 0.5) / BINS * (to - from);
    while (next < reports.length && reports[next].t < middle) next++;
    const report = reports[next] ?? reports[next - 1];
    const near = report && middle >= report.from - 200 && middle <= report.t + node.interval + 500;
    return near ? valueOf(report) : undefined;
  });
}

/** Calls back with each stretch that a report's window touches, and the part of the window within it. */
function spread(report, {from, to}, then) {
  const width = (to - from) / BINS;
  const length = report.t - report.from;
  if (!(length > 0)) return;
  const first = Math.max(0, Math.floor((report.from - from) / width));
  for (let bin = first; bin < BINS; bin++) {
    const start = from + bin * width;
    if (start >= report.t) return;
    then(bin, Math.max(0, Math.min(report.t, start + width) - Math.max(report.from, start)) / length);
  }
}
