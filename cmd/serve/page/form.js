// What both forms do: they run one task at a time, say how far it is, and stop it.

export const $ = (id) => document.getElementById(id);

// make returns a new element with properties and children.
export function make(tag, properties = {}, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children);
  return e;
}

// className is what a class of a model is called.
export const className = (card, k) => card.class_names?.[k] || String(k);

// classes are a select's options, one for each class, after what stands for all of them.
export const classes = (card, all) => [...(all ? [make("option", { value: "", textContent: all })] : []),
  ...Array.from({ length: card.classes }, (_, k) => make("option", { value: String(k), textContent: className(card, k) }))];

// form makes a form run do(signal, step) when it is sent. step(done, of) says how far it is; do returns what to say in the end. It
// returns say, which says something where the form does, and stop, which ends what runs, if something does, before that.
export function form(name, id, do_) {
  const go = $(`${id}-go`), stop = $(`${id}-stop`), bar = $(`${id}-progress`), status = $(`${id}-status`);
  let running = null;
  stop.addEventListener("click", () => running?.abort());
  const step = (done, of) => { bar.max = of; bar.value = done; };
  const say = (text, kind = "") => { status.textContent = text; status.className = kind; };
  const rest = () => {
    running = null;
    const focused = document.activeElement === stop;
    bar.hidden = stop.hidden = true;
    go.disabled = false;
    if (focused) go.focus();
  };
  const run = async () => {
    running?.abort();
    const mine = running = new AbortController();
    bar.removeAttribute("value");
    bar.hidden = stop.hidden = false;
    go.disabled = true;
    say(`${name} …`);
    try {
      const text = await do_(mine.signal, step);
      if (running === mine) say(text);
    } catch (e) {
      const stopped = e.name === "AbortError";
      if (running === mine) say(stopped ? "Stopped." : e.message, stopped ? "" : "bad");
    } finally {
      if (running === mine) rest();
    }
  };
  $(id).addEventListener("submit", (e) => { e.preventDefault(); run(); });
  return { say, stop: (text = "") => { running?.abort(); rest(); say(text); } };
}
