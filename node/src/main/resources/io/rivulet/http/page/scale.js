// The one scale of densities on the page: from nothing to a round share that nearly all of what is shown stays below.

import {colour} from "/assets/ramp.js";
import {element, shape, setText} from "/assets/dom.js";
import {roughShare} from "/assets/format.js";

const TOPS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1];

export const scale = {top: 0.2};

/** Fits the scale to densities; returns whether it changed. */
export function fit(densities) {
  if (densities.length === 0) return false;
  const sorted = Float64Array.from(densities).sort();
  const high = sorted[Math.floor(0.985 * (sorted.length - 1))];
  const top = TOPS.find(each => high <= each) ?? 1;
  // Going down only when it is clearly worth it, so that colours do not flicker.
  const changes = top > scale.top || (top < scale.top && high < 0.9 * top);
  if (changes) scale.top = top;
  return changes;
}

export const shareOfScale = density => density / scale.top;

/** Draws the legends of the page anew. */
export function drawLegends() {
  for (const legend of document.querySelectorAll("[data-legend]")) {
    if (!legend.firstChild) build(legend);
    legend.querySelectorAll("rect").forEach((rect, i, all) => rect.setAttribute("fill", colour(i / (all.length - 1))));
    setText(legend.querySelector(".top"), `${roughShare(scale.top)} and more`);
  }
}

function build(legend) {
  const steps = 24;
  const bar = shape("svg", {viewBox: `0 0 ${steps * 5} 10`, class: "bar-of-shades", "aria-hidden": "true"});
  for (let i = 0; i < steps; i++) {
    bar.append(shape("rect", {x: i * 5, y: 0, width: 5.2, height: 10}));
  }
  legend.append(element("span", {text: "0 %"}), bar, element("span", {class: "top"}));
  if (legend.dataset.legend === "fallback") {
    legend.append(element("span", {class: "fallback-key", "aria-hidden": "true"}), element("span", {text: "computed exactly: audits did not trust it"}));
  }
}
