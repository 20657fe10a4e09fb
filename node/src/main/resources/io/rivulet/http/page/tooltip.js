// The one tooltip of the page. What it says can be had by keyboard elsewhere.

import {element} from "/assets/dom.js";

const box = element("div", {class: "tooltip", "aria-hidden": "true", hidden: true});
document.body.append(box);

/** Shows lines of [name, value] under a heading beside a point of the window. */
export function show(x, y, heading, lines) {
  box.replaceChildren(element("strong", {text: heading}), ...lines.map(([name, value]) =>
    element("span", {class: "line"}, element("span", {text: name}), element("b", {text: value}))));
  box.hidden = false;
  const {width, height} = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - width - 8))}px`;
  box.style.top = `${y + 18 + height > innerHeight ? Math.max(8, y - height - 12) : y + 18}px`;
}

export function hide() {
  box.hidden = true;
}
