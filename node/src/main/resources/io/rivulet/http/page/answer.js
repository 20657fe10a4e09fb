// An answer's tokens, each coloured by the share of neurons that was read for it.

import {element, setText} from "/assets/dom.js";
import {share} from "/assets/format.js";
import {colour, ink} from "/assets/ramp.js";
import {hide, show} from "/assets/tooltip.js";

export class Answer {

  #root;
  #reading;
  #table;
  #scale;
  #tokens = [];
  #at = -1;

  /** reading is the line that tells of the token looked at, table what opens to a table of all. */
  constructor(root, reading, table, scale) {
    this.#root = root;
    this.#reading = reading;
    this.#table = table;
    this.#scale = scale;
    root.addEventListener("keydown", event => this.#key(event));
    root.addEventListener("blur", () => this.#look(-1));
    root.addEventListener("pointerover", event => this.#point(event));
    root.addEventListener("pointerleave", hide);
    table.addEventListener("toggle", () => this.#fillTable());
  }

  begin(prompt) {
    this.#tokens = [];
    this.#at = -1;
    this.#root.replaceChildren(element("span", {class: "given", text: prompt}));
    this.#table.hidden = true;
    setText(this.#reading, "Waiting for the first token.");
  }

  add(event) {
    const span = element("span", {class: "token", text: event.text, "data-index": event.index});
    const token = {index: event.index, id: event.token_ids[0], text: event.text, density: event.density, node: event.node, span};
    this.#paint(token);
    this.#tokens.push(token);
    this.#root.append(span);
    this.#root.scrollTop = this.#root.scrollHeight;
  }

  /** Text that belongs to no token: what was held back at the end. */
  addTail(text) {
    if (text) this.#root.append(text);
  }

  end(summary) {
    this.#table.hidden = this.#tokens.length === 0;
    setText(this.#reading, summary);
    this.#fillTable();
  }

  get densities() {
    return this.#tokens.map(token => token.density).filter(density => density !== undefined);
  }

  /** Colours anew, after scale or theme have changed. */
  repaint() {
    this.#tokens.forEach(token => this.#paint(token));
  }

  #paint({span, density}) {
    if (density !== undefined) {
      span.style.backgroundColor = colour(this.#scale.shareOf(density));
      span.style.color = ink(this.#scale.shareOf(density));
    }
  }

  #key(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity}[event.key];
    if (step === undefined || this.#tokens.length === 0) return;
    event.preventDefault();
    this.#look(Math.max(0, Math.min(this.#tokens.length - 1, this.#at + step)));
    setText(this.#reading, describe(this.#tokens[this.#at]));
  }

  #look(at) {
    this.#tokens[this.#at]?.span.classList.remove("current");
    this.#at = at;
    this.#tokens[at]?.span.classList.add("current");
    this.#tokens[at]?.span.scrollIntoView({block: "nearest"});
  }

  #point(event) {
    const index = event.target.dataset?.index;
    const token = index === undefined ? undefined : this.#tokens.find(each => each.index === Number(index));
    if (token) {
      show(event.clientX, event.clientY, quoted(token.text),
        [["density", share(token.density)], ["token", `${token.index}, id ${token.id}`], ["node", token.node]]);
    } else {
      hide();
    }
  }

  #fillTable() {
    if (!this.#table.open) return;
    const rows = this.#tokens.map(token => element("tr", {}, element("th", {scope: "row", text: String(token.index)}),
      ...[quoted(token.text), share(token.density), token.node].map(text => element("td", {text}))));
    this.#table.querySelector(".scroll").replaceChildren(element("table", {},
      element("thead", {}, element("tr", {}, ...["Index", "Text", "Density", "Node"].map(text => element("th", {scope: "col", text})))),
      element("tbody", {}, ...rows)));
  }
}

const quoted = text => `“${text.replaceAll("\n", "⏎")}”`;

const describe = token => `${quoted(token.text)}, token ${token.index}: ${share(token.density)} of neurons read, by ${token.node}`;
