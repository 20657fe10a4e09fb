// The stream of telemetry: connects, and connects again for as long as the page is open.

import {eventsOf} from "/assets/events.js";

/** Nothing for so long, heartbeats included, means that the other side is gone. */
const SILENCE = 25_000;
const LONGEST_PAUSE = 15_000;

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/**
 * Reads for ever. onState is given "connecting", "live" or "lost" and a text; onEvent a type and an object.
 */
export async function follow(onState, onEvent) {
  let last;
  let failures = 0;
  for (;;) {
    onState("connecting", failures === 0 ? "Connecting" : "Reconnecting");
    try {
      await read(last, event => {
        failures = 0;
        last = event.id ?? last;
        onState("live", "Live");
        onEvent(event.type, JSON.parse(event.data));
      });
    } catch (e) {
      if (e instanceof SignedOut) {
        location.assign("/sign-in");
        return;
      }
    }
    const wait = Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(failures, 4));
    failures++;
    onState("lost", `No connection; next try in ${Math.round(wait / 1000)} s`);
    await pause(wait);
  }
}

class SignedOut extends Error {}

async function read(last, onEvent) {
  const control = new AbortController();
  let timer = setTimeout(() => control.abort(), SILENCE);
  try {
    const headers = last === undefined ? {} : {"Last-Event-ID": last};
    const response = await fetch("/api/telemetry", {headers, signal: control.signal, cache: "no-store"});
    if (response.status === 401) throw new SignedOut();
    if (!response.ok) throw new Error(`status ${response.status}`);
    for await (const event of eventsOf(response)) {
      clearTimeout(timer);
      timer = setTimeout(() => control.abort(), SILENCE);
      onEvent(event);
    }
  } finally {
    clearTimeout(timer);
    control.abort();
  }
}
