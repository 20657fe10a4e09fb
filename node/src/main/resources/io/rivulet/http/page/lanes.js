// What audits found of each layer beside what it is held to, in rows that go with the heat map's.

import {roundUp} from "/assets/axis.js";
import {element, shape} from "/assets/dom.js";
import {ratio, roughShare, share} from "/assets/format.js";
import {AXIS, rowHeight} from "/assets/heat-map.js";

const WIDTH = 120;
const SIDE = 8;

const RECALL = {
  title: "Recall", value: "recall", limit: "recall_floor", word: "floor", format: share, tick: roughShare,
  bounds: all => [Math.max(0, Math.floor(10 * Math.min(0.8, ...all)) / 10), 1],
  breaks: (value, limit) => value < limit
};

const CETT = {
  title: "CETT", value: "cett", limit: "cett_ceiling", word: "ceiling", format: ratio, tick: v => String(+v.toFixed(2)),
  bounds: all => [0, roundUp(1.05 * Math.max(0.01, ...all))],
  breaks: (value, limit) => value > limit
};

export class Lanes {

  #lanes;

  constructor(root) {
    this.#lanes = [RECALL, CETT].map(kind => {
      const svg = shape("svg", {class: "lane", role: "img"});
      root.append(element("figure", {}, element("figcaption", {}, kind.title, element("span", {}, element("i", {class: "limit-key", "aria-hidden": "true"}), kind.word)), svg));
      return {kind, svg};
    });
  }

  /** Draws what audits found of each layer. */
  draw(layers) {
    this.#lanes.forEach(({kind, svg}) => drawLane(kind, svg, layers));
  }
}

function drawLane(kind, svg, layers) {
  const row = rowHeight(layers.length);
  const height = row * layers.length + AXIS;
  const all = layers.flatMap(layer => [layer[kind.value], layer[kind.limit]]).filter(value => value !== undefined);
  const [low, high] = kind.bounds(all);
  const x = value => SIDE + (value - low) / (high - low) * (WIDTH - 2 * SIDE);
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  svg.setAttribute("height", height);
  svg.setAttribute("aria-label", `${kind.title} by layer: ` + (layers.some(layer => layer.audits > 0)
    ? layers.map((layer, i) => `${i} ${kind.format(layer[kind.value])}`).join(", ") : "no audits yet"));
  svg.replaceChildren(...layers.flatMap((layer, i) => marks(kind, layer, x, row * i + row / 2, row)),
    shape("text", {x: SIDE, y: height - 5, text: kind.tick(low)}),
    shape("text", {x: WIDTH - SIDE, y: height - 5, "text-anchor": "end", text: kind.tick(high)}));
}

function marks(kind, layer, x, y, row) {
  const made = [shape("line", {class: "track", x1: SIDE, x2: WIDTH - SIDE, y1: y, y2: y})];
  const value = layer[kind.value];
  const limit = layer[kind.limit];
  if (limit !== undefined) {
    const half = Math.min(6, row / 2 - 1);
    made.push(shape("line", {class: "limit", x1: x(limit), x2: x(limit), y1: y - half, y2: y + half},
      shape("title", {text: `${kind.word} ${kind.format(limit)}`})));
  }
  if (value !== undefined) {
    made.push(shape("circle", {class: limit !== undefined && kind.breaks(value, limit) ? "found broken" : "found",
      cx: x(value), cy: y, r: Math.min(4, row / 2 - 1)}, shape("title", {text: kind.format(value)})));
  }
  return made;
}
