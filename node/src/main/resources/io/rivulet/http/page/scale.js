// Scales of densities: from nothing to a round share that nearly all of what is shown stays below.

import {colour} from "/assets/ramp.js";
import {element, shape, setText} from "/assets/dom.js";
import {roughShare} from "/assets/format.js";

const TOPS = [0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1];
const STEPS = 24;

export class Scale {

  top;
  #legend;

  /** The legend is an element to draw it in. */
  constructor(legend, top) {
    this.top = top;
    this.#legend = legend;
    const bar = shape("svg", {viewBox: `0 0 ${STEPS * 5} 10`, class: "bar-of-shades", "aria-hidden": "true"});
    for (let i = 0; i < STEPS; i++) {
      bar.append(shape("rect", {x: i * 5, y: 0, width: 5.2, height: 10}));
    }
    legend.prepend(element("span", {text: "0 %"}), bar, element("span", {class: "top"}));
  }

  /** Fits the scale to densities; returns whether it changed. */
  fit(densities) {
    if (densities.length === 0) return false;
    const sorted = Float64Array.from(densities).sort();
    const high = sorted[Math.floor(0.985 * (sorted.length - 1))];
    const top = TOPS.find(each => high <= each) ?? 1;
    // Going down only when it is clearly worth it, so that colours do not flicker.
    const changes = top > this.top || (top < this.top && high < 0.9 * top);
    if (changes) this.top = top;
    return changes;
  }

  shareOf(density) {
    return density / this.top;
  }

  drawLegend() {
    this.#legend.querySelectorAll("rect").forEach((rect, i) => rect.setAttribute("fill", colour(i / (STEPS - 1))));
    setText(this.#legend.querySelector(".top"), `${roughShare(this.top)} and more`);
  }
}
