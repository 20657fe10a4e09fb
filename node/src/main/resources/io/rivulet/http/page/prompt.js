// Sends a prompt and follows its answer.

import {byId, element, setText} from "/assets/dom.js";
import {eventsOf} from "/assets/events.js";
import {duration, number, share, whole} from "/assets/format.js";

export class Prompt {

  #answer;
  #control = null;
  #spoken = byId("spoken");
  #sentence = "";

  constructor(answer) {
    this.#answer = answer;
    byId("ask").addEventListener("submit", event => {
      event.preventDefault();
      this.#send();
    });
    byId("stop").addEventListener("click", () => this.#control?.abort());
    byId("prompt").addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("ask").requestSubmit();
    });
  }

  /** Fits the form to what the server takes. */
  limit(settings) {
    byId("prompt").maxLength = settings.most_prompt_characters;
    byId("tokens").max = settings.most_tokens;
    byId("sparsity").append(...settings.sparsity.map(mode => element("option", {value: mode, text: mode})));
  }

  async #send() {
    this.#control?.abort();
    const control = this.#control = new AbortController();
    const request = this.#read();
    this.#busy(true);
    setText(byId("ask-error"), "");
    setText(this.#spoken, "Answering.");
    this.#answer.begin(request.prompt);
    try {
      const response = await fetch("/api/generate", {
        method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(request), signal: control.signal});
      if (response.status === 401) {
        location.assign("/sign-in");
        return;
      }
      if (!response.ok) {
        this.#fail((await response.json()).error);
        return;
      }
      await this.#follow(response);
    } catch (e) {
      if (control.signal.aborted) {
        this.#finish("Stopped.");
      } else {
        this.#fail({reason: "the connection was lost", mend: "try again"});
      }
    } finally {
      if (this.#control === control) {
        this.#busy(false);
        this.#control = null;
      }
    }
  }

  #read() {
    const request = {
      prompt: byId("prompt").value, max_tokens: byId("tokens").valueAsNumber, temperature: byId("temperature").valueAsNumber};
    if (byId("sparsity").value) request.sparsity = byId("sparsity").value;
    return request;
  }

  async #follow(response) {
    const sent = performance.now();
    let first;
    for await (const event of eventsOf(response)) {
      const data = JSON.parse(event.data);
      if (event.type === "error") {
        this.#fail(data.error);
        return;
      }
      if (event.type !== "token") continue;
      if (data.finish_reason) {
        this.#end(data, first === undefined ? undefined : performance.now() - first);
        return;
      }
      first ??= performance.now();
      this.#answer.add(data);
      this.#speak(data.text);
    }
    this.#fail({reason: `the answer broke off after ${duration(performance.now() - sent)}`, mend: "try again"});
  }

  #end(last, took) {
    this.#answer.addTail(last.text);
    if (last.error) {
      this.#fail({reason: last.error, mend: "change the request"});
      return;
    }
    const tokens = last.usage?.completion_tokens;
    const parts = [`${whole(tokens)} tokens`];
    if (tokens > 1 && took > 0) parts.push(`${number((tokens - 1) / took * 1000)} a second`);
    if (last.sparsity) parts.push(`${share(last.sparsity.density)} of neurons read`);
    if (last.sparsity?.recall !== undefined) parts.push(`recall ${share(last.sparsity.recall)}`);
    parts.push(`by ${last.node}`);
    this.#finish(parts.join(" · "));
  }

  #finish(summary) {
    setText(this.#spoken, `${this.#sentence} ${summary}`.trim());
    this.#sentence = "";
    this.#answer.end(summary);
  }

  #fail({reason, mend}) {
    this.#finish("No answer.");
    setText(byId("ask-error"), `${reason}: ${mend}.`);
  }

  /** Whole sentences only: a screen reader could not follow single tokens. */
  #speak(text) {
    this.#sentence += text;
    if (/[.!?][”"’']?\s*$/.test(this.#sentence)) {
      setText(this.#spoken, this.#sentence.trim());
      this.#sentence = "";
    }
  }

  #busy(busy) {
    byId("send").disabled = busy;
    byId("stop").disabled = !busy;
    byId("answer").setAttribute("aria-busy", String(busy));
  }
}
