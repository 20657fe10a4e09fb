// The row of figures at the top: the fleet at this moment, or over its last minute.

import {element, setText} from "/assets/dom.js";
import {audited, latest, since} from "/assets/fleet.js";
import {bytes, duration, number, ratio, share, whole} from "/assets/format.js";
import {merge, quantile} from "/assets/quantiles.js";

const MINUTE = 60_000;

const sum = (list, of) => list.reduce((total, each) => total + (of(each) ?? 0), 0);

const TILES = [
  {name: "Nodes", read: ({reports}) => [
    whole(reports.length),
    reports.length ? `${whole(sum(reports, r => r.running))} of ${whole(sum(reports, r => r.capacity))} places taken` : "none reports"]},
  {name: "Tokens a second", read: ({reports}) => [
    number(sum(reports, r => r.tokens_per_second)),
    `and ${number(sum(reports, r => r.prefill_tokens_per_second))} of prompts`]},
  {name: "Time to first token", read: ({minute}) => {
    const times = merge(minute.map(r => r.time_to_first_token));
    return [duration(quantile(times, 0.5)), times ? `95 % within ${duration(quantile(times, 0.95))}` : "none in the last minute"];
  }},
  {name: "Oldest in queue", read: ({reports}) => [
    duration(Math.max(0, ...reports.map(r => r.longest_wait_ms ?? 0))),
    `${whole(sum(reports, r => r.waiting))} waiting`]},
  {name: "Read of a dense model", read: ({sparsity}) => {
    const read = sum(sparsity, r => r.bytes_read);
    const all = read + sum(sparsity, r => r.bytes_skipped);
    return [share(all ? read / all : undefined), all ? `${bytes(all - read)} left out in a minute` : "nothing computed"];
  }},
  {name: "Recall", read: ({sparsity}) => {
    const found = audited(sparsity);
    return [share(found.recall), found.audits
      ? `floor ${share(found.recall_floor)}, CETT ${ratio(found.cett)}` : "no audits in the last minute"];
  }}
];

export class Summary {

  #shown;

  constructor(root) {
    this.#shown = TILES.map(tile => {
      const value = element("dd", {class: "value", text: "–"});
      const note = element("dd", {class: "quiet"});
      root.append(element("dl", {class: "tile panel"}, element("dt", {text: tile.name}), value, note));
      return {tile, value, note};
    });
  }

  draw(fleet) {
    const nodes = fleet.present();
    const from = fleet.now - MINUTE;
    const figures = {
      reports: nodes.map(latest).filter(Boolean),
      minute: nodes.flatMap(node => since(node.reports, from)),
      sparsity: nodes.flatMap(node => since(node.sparsity, from))
    };
    for (const {tile, value, note} of this.#shown) {
      const [main, more] = tile.read(figures);
      setText(value, main);
      setText(note, more);
    }
  }
}
