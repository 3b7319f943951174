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

// form makes a form run do(signal, step) when it is sent. step(done, of, what) says how far it is; do returns what to say in the end.
export function form(name, id, do_) {
  const go = $(`${id}-go`), stop = $(`${id}-stop`), bar = $(`${id}-progress`), status = $(`${id}-status`);
  let running = null;
  stop.addEventListener("click", () => running?.abort());
  const step = (done, of) => { bar.max = of; bar.value = done; };
  const run = async () => {
    running?.abort();
    const mine = running = new AbortController();
    bar.removeAttribute("value");
    bar.hidden = stop.hidden = false;
    go.disabled = true;
    status.className = "";
    status.textContent = `${name} …`;
    try {
      const say = await do_(mine.signal, step);
      if (running === mine) status.textContent = say;
    } catch (e) {
      if (running !== mine) return;
      status.textContent = e.name === "AbortError" ? "Stopped." : e.message;
      if (e.name !== "AbortError") status.className = "bad";
    } finally {
      if (running === mine) {
        running = null;
        const focused = document.activeElement === stop;
        bar.hidden = stop.hidden = true;
        go.disabled = false;
        if (focused) go.focus();
      }
    }
  };
  $(id).addEventListener("submit", (e) => { e.preventDefault(); run(); });
  return { run, stop: () => running?.abort() };
}
