// Density layer by time: a canvas, a column for each report, a row for each layer.

import {timeTicks} from "/assets/axis.js";
import {element, setText} from "/assets/dom.js";
import {since} from "/assets/fleet.js";
import {clock, duration, ratio, share, shortClock} from "/assets/format.js";
import {colour} from "/assets/ramp.js";
import {hide, show} from "/assets/tooltip.js";

const LEFT = 30;
export const AXIS = 20;

export const rowHeight = layers => Math.max(6, Math.min(20, Math.floor(168 / Math.max(1, layers))));

export class HeatMap {

  #canvas = element("canvas", {class: "heat-map", tabindex: "0", role: "img"});
  #reading = element("p", {class: "reading quiet", "aria-live": "polite"});
  #node;
  #scale;
  #columns = [];
  #layers = 0;
  #from = 0;
  #to = 1;

  /** The cell that is looked at: its report's time, and its layer. */
  #cursor = null;

  constructor(root, node, scale) {
    this.#node = node;
    this.#scale = scale;
    root.append(this.#canvas, this.#reading);
    this.#canvas.addEventListener("pointermove", event => this.#point(event));
    this.#canvas.addEventListener("pointerleave", () => this.#look(null));
    this.#canvas.addEventListener("keydown", event => this.#key(event));
    this.#canvas.addEventListener("blur", () => this.#look(null));
    new ResizeObserver(() => this.#paint()).observe(this.#canvas);
  }

  draw(from, to) {
    this.#from = from;
    this.#to = to;
    this.#columns = since(this.#node.sparsity, from);
    this.#layers = Math.max(this.#layers, ...this.#columns.map(report => report.layers.length));
    this.#canvas.setAttribute("aria-label", `Heat map of ${this.#node.name}: density of ${this.#layers} layers, ` +
      `${this.#columns.length} reports, mean now ${share(this.#columns.at(-1)?.density)}. Arrow keys read cells; the table below has all layers.`);
    this.#paint();
  }

  #paint() {
    const ratioOfPixels = devicePixelRatio || 1;
    const width = this.#canvas.clientWidth;
    const row = rowHeight(this.#layers);
    const height = row * this.#layers + AXIS;
    this.#canvas.style.height = `${height}px`;
    if (width === 0) return;
    this.#canvas.width = Math.round(width * ratioOfPixels);
    this.#canvas.height = Math.round(height * ratioOfPixels);
    const pen = this.#canvas.getContext("2d");
    pen.scale(ratioOfPixels, ratioOfPixels);
    const style = getComputedStyle(this.#canvas);
    const x = t => LEFT + Math.round((t - this.#from) / (this.#to - this.#from) * (width - LEFT));
    pen.fillStyle = style.getPropertyValue("--empty");
    pen.fillRect(LEFT, 0, width - LEFT, row * this.#layers);
    for (const report of this.#columns) {
      this.#column(pen, report, x(report.from), x(report.t), row, style.getPropertyValue("--warn"));
    }
    this.#labels(pen, style, x, row, width, height);
    this.#outline(pen, style, x, row);
  }

  #column(pen, report, start, end, row, warn) {
    const left = Math.max(LEFT, start);
    const width = Math.max(1, end - left);
    report.layers.forEach((layer, i) => {
      pen.fillStyle = colour(this.#scale.shareOf(layer.density));
      pen.fillRect(left, i * row, width, row > 10 ? row - 1 : row);
      if (isFallenBack(layer)) {
        pen.fillStyle = warn;
        pen.fillRect(left, i * row + row - (row > 10 ? 4 : 2), width, row > 10 ? 3 : 2);
      }
    });
  }

  #labels(pen, style, x, row, width, height) {
    pen.fillStyle = style.getPropertyValue("--soft");
    pen.font = `11px ${style.fontFamily}`;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const every = Math.ceil(11 / row);
    for (let i = 0; i < this.#layers; i += every) {
      pen.fillText(String(i), LEFT - 8, i * row + row / 2);
    }
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    for (const t of timeTicks(this.#from, this.#to, width / 90)) {
      if (x(t) > LEFT + 18 && x(t) < width - 24) {
        pen.fillText(t % 60_000 ? clock(t) : shortClock(t), x(t), height - 5);
      }
    }
  }

  #outline(pen, style, x, row) {
    const report = this.#cursor && this.#columns.find(each => each.t === this.#cursor.t);
    if (report) {
      pen.strokeStyle = style.getPropertyValue("--ink");
      pen.lineWidth = 1.5;
      pen.strokeRect(x(report.from) - 0.5, this.#cursor.layer * row - 0.5, Math.max(2, x(report.t) - x(report.from)) + 1, row + 1);
    }
  }

  #point(event) {
    const rect = this.#canvas.getBoundingClientRect();
    const time = this.#from + (event.clientX - rect.left - LEFT) / (rect.width - LEFT) * (this.#to - this.#from);
    const layer = Math.floor((event.clientY - rect.top) / rowHeight(this.#layers));
    const report = this.#columns.find(each => each.from <= time && time <= each.t);
    if (!report || !report.layers[layer]) {
      this.#look(null);
      return;
    }
    this.#look({t: report.t, layer});
    show(event.clientX, event.clientY, `Layer ${layer} at ${clock(report.t)}`, details(report.layers[layer]));
  }

  #key(event) {
    const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (!step || this.#columns.length === 0) return;
    event.preventDefault();
    const last = this.#columns.length - 1;
    const found = this.#cursor ? this.#columns.findIndex(each => each.t === this.#cursor.t) : -1;
    const at = Math.max(0, Math.min(last, found < 0 ? last : found + step[0]));
    const layer = Math.max(0, Math.min(this.#layers - 1, (this.#cursor?.layer ?? 0) + step[1]));
    this.#look({t: this.#columns[at].t, layer});
    const cell = this.#columns[at].layers[layer];
    setText(this.#reading, cell ? `Layer ${layer} at ${clock(this.#columns[at].t)}: ` +
      details(cell).map(([name, value]) => `${name} ${value}`).join(", ") : "");
  }

  #look(cursor) {
    this.#cursor = cursor;
    if (!cursor) {
      hide();
      setText(this.#reading, "");
    }
    this.#paint();
  }
}

export const isFallenBack = layer => layer.fallen_back > 0 || layer.fallback > 0;

function details(layer) {
  const lines = [["density", share(layer.density)]];
  if (layer.predicted_density !== undefined) lines.push(["predicted", share(layer.predicted_density)]);
  if (layer.recall !== undefined) lines.push(["recall", `${share(layer.recall)}, floor ${share(layer.recall_floor)}`]);
  if (layer.cett !== undefined) lines.push(["CETT", `${ratio(layer.cett)}, ceiling ${ratio(layer.cett_ceiling)}`]);
  if (layer.audits > 0) lines.push(["audits", String(layer.audits)]);
  if (isFallenBack(layer)) lines.push(["computed exactly", `${share(layer.fallback)} of tokens`]);
  return lines;
}

/** What a node's state of silence is in words. */
export const silentFor = ms => `silent for ${duration(ms)}`;
