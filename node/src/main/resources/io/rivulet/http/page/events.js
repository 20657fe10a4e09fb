// Server-sent events from an answer of fetch(), which unlike EventSource can POST and tells the status of what failed.

/** Yields {type, id, data} as they come; data is the text as sent. */
export async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = {type: "message", data: []};
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (event.data.length > 0) {
          yield {...event, data: event.data.join("\n")};
        }
        event = {type: "message", data: []};
      } else {
        take(line, event);
      }
    }
  }
}

function take(line, event) {
  const colon = line.indexOf(":");
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (name === "event") event.type = value;
  if (name === "id") event.id = value;
  if (name === "data") event.data.push(value);
}
