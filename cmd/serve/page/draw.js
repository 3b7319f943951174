// Samples, as they are drawn, and the way of each from noise.

import { url, work } from "./api.js";
import { $, classes, className, form, make } from "./form.js";

const frames = 12;
let card, ways = new Map(), chosen = null;

// show takes a model's card.
export function show(c) {
  card = c;
  $("n").max = c.limits.samples;
  $("n").value = Math.min($("n").value, c.limits.samples);
  $("steps").max = c.limits.steps;
  $("steps").value = Math.min($("steps").value, c.limits.steps);
  $("solver").replaceChildren(...c.solvers.map((s) => make("option", { value: s.name, textContent: s.name, title: s.use })));
  $("class").replaceChildren(...classes(c, "all in turn"));
  running.stop();
  clear();
}

function clear() {
  ways = new Map();
  chosen = null;
  $("samples").replaceChildren();
  $("samples").style.setProperty("--aspect", `${card.width} / ${card.height}`);
  $("way").hidden = true;
}

// press says whether a button is pressed; as a property, ariaPressed, not every browser knows that.
const press = (button, on) => button.setAttribute("aria-pressed", String(on));

// tile returns the button of an image, a new one at the end if there is none.
function tile(number) {
  let t = $(`sample-${number}`);
  if (!t) {
    t = make("button", { type: "button", id: `sample-${number}` }, make("img", { alt: `Image ${number}, being drawn` }));
    press(t, false);
    t.addEventListener("click", () => choose(number));
    $("samples").append(t);
  }
  return t;
}

// add keeps a moment of an image.
function add(number, picture, caption) {
  if (!ways.has(number)) ways.set(number, []);
  ways.get(number).push({ src: url(picture), caption });
  const img = tile(number).firstChild;
  img.src = url(picture);
  if (number === chosen) strip();
}

async function draw(signal, step) {
  clear();
  const settings = { n: $("n").value, seed: $("seed").value, steps: $("steps").value, solver: $("solver").value, frames };
  if (card.classes && $("class").value) settings.class = $("class").value;
  if (card.guidance) settings.guidance = $("guidance").value;
  const drawn = new Set(), mine = ways;
  await work(card.name, "samples", settings, null, signal, {
    step: ({ done, of }) => step(done, of),
    frame: (f) => f.done < f.of && f.images.forEach((p, i) => add(f.first + i, p, `step ${f.done}`)),
    sample: (s) => {
      drawn.add(s.number);
      add(s.number, s.image, "the image");
      tile(s.number).firstChild.alt = `Image ${s.number}${card.classes && s.class >= 0 ? `, class ${className(card, s.class)}` : ""}`;
    },
  }).finally(() => { if (mine === ways) leave(drawn); });
  return `${drawn.size} ${drawn.size === 1 ? "image" : "images"} of seed ${settings.seed}.`;
}

// leave says of each image that was not drawn to its end that it was not.
function leave(drawn) {
  for (const number of ways.keys()) if (!drawn.has(number)) tile(number).firstChild.alt = `Image ${number}, not drawn to its end`;
}

function choose(number) {
  if (chosen !== null) press(tile(chosen), false);
  chosen = number;
  press(tile(number), true);
  strip();
  $("way").scrollIntoView({ block: "nearest" });
}

// strip shows the way of the image that is chosen.
function strip() {
  $("way").hidden = false;
  $("way-title").textContent = `Image ${chosen}, from noise`;
  $("strip").replaceChildren(...ways.get(chosen).map(({ src, caption }) =>
    make("figure", {}, make("img", { src, alt: caption }), make("figcaption", { textContent: caption }))));
}

const running = form("Drawing", "sample", draw);
