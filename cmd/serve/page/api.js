// What the page asks of the service. Answers that come in pieces are server-sent events; they are read from fetch, which can send
// a token and a body where EventSource cannot.

let token = "";
export const setToken = (t) => { token = t; };

// A Problem is an answer that says what went wrong.
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = "Bearer " + token;
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new Problem(0, "The service cannot be reached. Is it still there?");
  }
  if (answer.ok) return answer;
  const p = await answer.json().catch(() => ({ detail: answer.statusText }));
  throw new Problem(answer.status, p.detail);
}

export const models = async () => (await (await ask("v1/models")).json()).models;

const path = (model, what, settings) => `v1/models/${encodeURIComponent(model)}/${what}?${new URLSearchParams(settings)}`;

// sample returns one image that a model draws.
export const sample = async (model, settings, signal) => (await ask(path(model, "samples", settings), { method: "POST", signal })).blob();

// work asks for something and calls on[name](data) for each event; it returns the data of the last.
export async function work(model, what, settings, body, signal, on) {
  const headers = { Accept: "text/event-stream" };
  if (body) headers["Content-Type"] = body.type || "application/octet-stream";
  const answer = await ask(path(model, what, settings), { method: "POST", headers, body, signal });
  let last = "";
  for await (const { name, data } of events(answer.body)) {
    last = name;
    if (name === "problem") throw new Problem(data.status, data.detail);
    if (name === "done") return data;
    on[name]?.(data);
  }
  throw new Problem(0, `The service ended the answer${last ? ` after “${last}”` : ""}.`);
}

// events returns the server-sent events of a body, as this service writes them: a line with the name, and one with JSON.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const all = text.split("\n\n");
    text = all.pop();
    for (const e of all) {
      const [name, data] = e.split("\n");
      yield { name: name.slice("event: ".length), data: JSON.parse(data.slice("data: ".length)) };
    }
  }
}

// url is the address of a picture that holds it.
export const url = (picture) => `data:${picture.type};base64,${picture.data}`;
