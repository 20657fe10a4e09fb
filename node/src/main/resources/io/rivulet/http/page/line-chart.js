// A chart of values over time, in SVG, so that style sheets give it its colours.

import {roundUp, timeTicks} from "/assets/axis.js";
import {element, setText, shape} from "/assets/dom.js";
import {clock, shortClock} from "/assets/format.js";
import {hide, show} from "/assets/tooltip.js";

const LEFT = 46;
const BOTTOM = 20;
const TOP = 6;

export class LineChart {

  #svg = shape("svg", {class: "line-chart", role: "img"});
  #now = element("output", {class: "now"});
  #key = element("p", {class: "key"});
  #title;
  #format;
  #data = null;
  #width = 320;
  #height = 132;

  /** format turns a value into a text. */
  constructor(root, title, format) {
    this.#title = title;
    this.#format = format;
    root.append(element("figure", {class: "panel chart"},
      element("figcaption", {}, element("h3", {text: title}), this.#now), this.#svg, this.#key));
    new ResizeObserver(([entry]) => {
      this.#width = Math.max(200, Math.round(entry.contentRect.width));
      this.#height = Math.max(100, Math.round(entry.contentRect.height));
      this.#draw();
    }).observe(this.#svg);
    this.#svg.addEventListener("pointermove", event => this.#point(event));
    this.#svg.addEventListener("pointerleave", hide);
  }

  /**
   * Draws {from, to, now, series}; a series is {name, style, values, base}, with a value for each of as many equal
   * stretches of time, undefined where there is none; with a base it is the area between both.
   */
  draw(data) {
    this.#data = data;
    this.#draw();
  }

  #draw() {
    if (!this.#data) return;
    const {from, to, series, now} = this.#data;
    const tops = series.flatMap(each => each.values.map((v, i) => (v ?? 0) + (each.base?.[i] ?? 0)));
    const top = roundUp(Math.max(0, ...tops));
    const x = t => LEFT + (t - from) / (to - from) * (this.#width - LEFT - 4);
    const y = v => TOP + (1 - v / top) * (this.#height - TOP - BOTTOM);
    this.#svg.setAttribute("viewBox", `0 0 ${this.#width} ${this.#height}`);
    this.#svg.setAttribute("aria-label", `${this.#title}: now ${now}`);
    this.#svg.replaceChildren(...this.#axes(x, y, top, from, to), ...series.flatMap(each => paths(each, from, to, x, y)));
    setText(this.#now, now);
    this.#drawKey(series);
  }

  #axes(x, y, top, from, to) {
    const lines = [0, 0.5, 1].flatMap(part => [
      shape("line", {class: "grid", x1: LEFT, x2: this.#width - 4, y1: y(part * top), y2: y(part * top)}),
      shape("text", {x: LEFT - 7, y: y(part * top) + 4, "text-anchor": "end", text: this.#format(part * top)})]);
    const times = timeTicks(from, to, this.#width / 80).filter(t => x(t) > LEFT + 16 && x(t) < this.#width - 22).map(t =>
      shape("text", {x: x(t), y: this.#height - 4, "text-anchor": "middle", text: t % 60_000 ? clock(t) : shortClock(t)}));
    return [...lines, ...times];
  }

  #drawKey(series) {
    const names = series.map(each => `${each.style} ${each.name}`).join("\n");
    if (this.#key.dataset.names === names) return;
    this.#key.dataset.names = names;
    this.#key.replaceChildren(...series.map(each =>
      element("span", {}, element("i", {class: `dot ${each.style}`, "aria-hidden": "true"}), each.name)));
  }

  #point(event) {
    const {from, to, series} = this.#data ?? {};
    if (!series?.length) return;
    const rect = this.#svg.getBoundingClientRect();
    const count = series[0].values.length;
    const at = Math.floor((event.clientX - rect.left - LEFT) / (rect.width - LEFT - 4) * count);
    if (at < 0 || at >= count) return hide();
    show(event.clientX, event.clientY, clock(from + (at + 0.5) / count * (to - from)),
      series.map(each => [each.name, this.#format(each.values[at])]));
  }
}

/** Runs of values that are there, as lines, with areas where there is a base. */
function paths({style, values, base}, from, to, x, y) {
  const made = [];
  let run = [];
  const end = () => {
    if (run.length > 0) {
      const line = run.map(([px, v]) => `${px.toFixed(1)} ${y(v).toFixed(1)}`);
      if (base) {
        const back = run.map(([px, , b]) => `${px.toFixed(1)} ${y(b).toFixed(1)}`).reverse();
        made.push(shape("path", {class: `area ${style}`, d: `M${line.join("L")}L${back.join("L")}Z`}));
      }
      made.push(run.length === 1
        ? shape("circle", {class: `point ${style}`, cx: run[0][0], cy: y(run[0][1]), r: 2})
        : shape("path", {class: `line ${style}`, d: `M${line.join("L")}`}));
    }
    run = [];
  };
  values.forEach((value, i) => {
    if (value === undefined) {
      end();
    } else {
      const b = base?.[i] ?? 0;
      run.push([x(from + (i + 0.5) / values.length * (to - from)), value + b, b]);
    }
  });
  end();
  return made;
}
