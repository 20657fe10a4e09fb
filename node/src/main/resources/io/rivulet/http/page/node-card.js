// One node: who it is, what it does, its heat map, and what audits found.

import {element, setText} from "/assets/dom.js";
import {audited, latest, since} from "/assets/fleet.js";
import {bytes, duration, number, ratio, share, whole} from "/assets/format.js";
import {HeatMap, isFallenBack, silentFor} from "/assets/heat-map.js";
import {Lanes} from "/assets/lanes.js";

const FACTS = [
  ["Running", r => `${whole(r.running)} of ${whole(r.capacity)}`],
  ["Waiting", r => whole(r.waiting)],
  ["Tokens a second", r => number(r.tokens_per_second)],
  ["Batch", r => number(r.batch_size)],
  ["Keys and values", r => share(r.kv_tokens_capacity ? r.kv_tokens_used / r.kv_tokens_capacity : undefined)],
  ["Weights read", r => r.weight_bytes_per_second === undefined ? "–" : `${bytes(r.weight_bytes_per_second)}/s`],
  ["Threads", r => whole(r.threads)],
  ["Up for", r => duration(r.uptime_ms)]
];

const COLUMNS = ["Layer", "Density", "Predicted", "Recall", "Floor", "CETT", "Ceiling", "Audits", "Exact since untrusted"];

export class NodeCard {

  #node;
  #state = element("span", {class: "state"});
  #model = element("span", {class: "quiet"});
  #facts;
  #map;
  #lanes;
  #body = element("tbody");
  #table;
  root;

  constructor(node, scale) {
    this.#node = node;
    this.#facts = FACTS.map(([name, read]) => ({read, value: element("dd"), name}));
    const map = element("div", {class: "map"});
    const lanes = element("div", {class: "lanes"});
    this.#table = element("details", {}, element("summary", {text: "Layers as a table"}),
      element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": `Layers of ${node.name}`},
        element("table", {}, element("thead", {}, element("tr", {}, ...COLUMNS.map(text => element("th", {scope: "col", text})))), this.#body)));
    this.root = element("article", {class: "panel node"},
      element("header", {}, element("h3", {}, element("i", {class: `dot n${node.colour}`, "aria-hidden": "true"}), node.name), this.#model, this.#state),
      element("dl", {class: "facts"}, ...this.#facts.map(fact => element("div", {}, element("dt", {text: fact.name}), fact.value))),
      element("div", {class: "measured"}, map, lanes),
      this.#table);
    this.#map = new HeatMap(map, node, scale);
    this.#lanes = new Lanes(lanes);
    this.#table.addEventListener("toggle", () => this.#table.open && this.#fillTable());
  }

  draw(fleet, range) {
    const silence = fleet.silence(this.#node);
    const report = latest(this.#node);
    this.root.classList.toggle("gone", silence !== null);
    setText(this.#state, silence === null ? "" : silentFor(silence));
    setText(this.#model, [this.#node.model, report?.sparsity].filter(Boolean).join(" · "));
    for (const {read, value} of this.#facts) {
      setText(value, report ? read(report) : "–");
    }
    this.#map.draw(fleet.now - range, fleet.now);
    this.#lanes.draw(this.#layers(fleet.now - range));
    if (this.#table.open) this.#fillTable();
  }

  /** What audits found of each layer since a time. */
  #layers(from) {
    const reports = since(this.#node.sparsity, from);
    const count = this.#node.sparsity.at(-1)?.layers.length ?? 0;
    return Array.from({length: count}, (_, i) => audited(reports.map(report => report.layers[i]).filter(Boolean)));
  }

  #fillTable() {
    const found = this.#layers(0);
    this.#body.replaceChildren(...(this.#node.sparsity.at(-1)?.layers ?? []).map((layer, i) =>
      element("tr", {}, element("th", {scope: "row", text: String(i)}), ...[
        share(layer.density), share(layer.predicted_density), share(found[i].recall), share(found[i].recall_floor),
        ratio(found[i].cett), ratio(found[i].cett_ceiling), whole(found[i].audits), isFallenBack(layer) ? "yes" : "no"
      ].map(text => element("td", {text})))));
  }
}
