// What the page asks of the service. Answers that come in pieces are server-sent events; they are read from fetch, which can send
// a token and a body where EventSource cannot.

let token = "";
export const setToken = (t) => { token = t.trim(); };

// A Problem is an answer that says what went wrong.
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

// failed returns what says a connection's failure in words; that of one that was ended here needs none.
const failed = (words) => (e) => { throw e.name === "AbortError" ? e : new Problem(0, words); };
const unreached = failed("The service cannot be reached. Is it still there?");
const cut = failed("The connection broke before the answer was there. Ask again.");

async function ask(path, options = {}) {
  if (/[^!-~]/.test(token)) throw new Problem(401, "This is no token: one has letters, digits and signs of ASCII, and no spaces.");
  const headers = { ...options.headers };
  if (token) headers.Authorization = "Bearer " + token;
  const answer = await fetch(path, { ...options, headers }).catch(unreached);
  if (answer.ok) return answer;
  const p = await answer.json().catch(() => null); // a proxy between has no JSON, and over HTTP/2 no text of the status
  throw new Problem(answer.status, p?.detail || answer.statusText || `The service answered ${answer.status}.`);
}

export const models = async () => (await (await ask("v1/models")).json()).models;

const path = (model, what, settings) => `v1/models/${encodeURIComponent(model)}/${what}?${new URLSearchParams(settings)}`;

// sample returns one image that a model draws.
export const sample = async (model, settings, signal) => (await ask(path(model, "samples", settings), { method: "POST", signal })).blob().catch(cut);

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

// events returns the server-sent events of a body, as this service writes them: a line with the name, and one with JSON; or a comment
// alone, a line with a colon before it, which is skipped.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read().catch(cut);
    if (done) return;
    text += value;
    const all = text.split("\n\n");
    text = all.pop();
    for (const e of all.filter((e) => !e.startsWith(":"))) {
      const [name, data] = e.split("\n");
      yield { name: name.slice("event: ".length), data: JSON.parse(data.slice("data: ".length)) };
    }
  }
}

// url is the address of a picture that holds it.
export const url = (picture) => `data:${picture.type};base64,${picture.data}`;
