// Puts the page together.

import {Answer} from "/assets/answer.js";
import {Charts} from "/assets/charts.js";
import {follow} from "/assets/connection.js";
import {byId, setText} from "/assets/dom.js";
import {Fleet, since} from "/assets/fleet.js";
import {NodeCard} from "/assets/node-card.js";
import {Prompt} from "/assets/prompt.js";
import {Scale} from "/assets/scale.js";
import {Summary} from "/assets/summary.js";
import {switchThemes} from "/assets/theme-switch.js";

const fleet = new Fleet();
const mapScale = new Scale(byId("map-legend"), 0.2);
const answerScale = new Scale(byId("answer-legend"), 0.05);
const answer = new Answer(byId("answer"), byId("token-reading"), byId("token-table"), answerScale);
const prompt = new Prompt(answer);
const summary = new Summary(byId("summary"));
const charts = new Charts(byId("charts"));
const cards = new Map();
const range = () => Number(byId("range").value);

let dirty = false;

function draw() {
  dirty = false;
  fleet.prune();
  const from = fleet.now - range();
  const cells = [...fleet.nodes.values()].flatMap(node => since(node.sparsity, from))
    .flatMap(report => report.layers.map(layer => layer.density));
  mapScale.fit(cells);
  mapScale.drawLegend();
  if (answerScale.fit(answer.densities)) {
    answer.repaint();
  }
  answerScale.drawLegend();
  summary.draw(fleet);
  charts.draw(fleet, range());
  drawNodes();
}

function drawNodes() {
  const nodes = fleet.sorted();
  const comings = [];
  for (const node of nodes) {
    if (!cards.has(node.name)) {
      cards.set(node.name, {card: new NodeCard(node, mapScale), present: false});
    }
    const entry = cards.get(node.name);
    const present = fleet.silence(node) === null;
    if (present !== entry.present) {
      comings.push(`${node.name} ${present ? "is there" : "is gone"}.`);
      entry.present = present;
    }
  }
  for (const [name, {card}] of cards) {
    if (!fleet.nodes.has(name)) {
      card.root.remove();
      cards.delete(name);
    }
  }
  place(nodes.map(node => cards.get(node.name).card.root));
  nodes.forEach(node => cards.get(node.name).card.draw(fleet, range()));
  byId("nobody").hidden = nodes.length > 0;
  if (comings.length > 0) setText(byId("comings"), comings.join(" "));
}

/** Puts cards in order, touching only those that are elsewhere: what is focused stays so. */
function place(roots) {
  const home = byId("nodes");
  roots.forEach((root, i) => {
    if (home.children[i] !== root) home.insertBefore(root, home.children[i] ?? null);
  });
}

function soon() {
  if (!dirty) {
    dirty = true;
    setTimeout(() => requestAnimationFrame(draw), 200);
  }
}

async function settings() {
  const response = await fetch("/api/settings");
  if (response.ok) {
    const known = await response.json();
    prompt.limit(known);
    byId("sign-out").hidden = !known.sign_in;
  }
}

switchThemes(byId("theme"), () => {
  answer.repaint();
  soon();
});
byId("range").addEventListener("change", soon);
setInterval(soon, 1000);
settings().catch(() => setText(byId("ask-error"), "The server’s limits are not known: reload the page."));
follow(
  (state, text) => {
    byId("connection").dataset.state = state;
    setText(byId("connection"), text);
  },
  (type, event) => {
    fleet.take(type, event);
    soon();
  });
