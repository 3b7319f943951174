// An image, denoised in every orientation, by a model and by its counterpart.

import { sample, url, work } from "./api.js";
import { $, classes, form, make } from "./form.js";

let card, others, image, lent = false;
let lending = null; // ends the drawing of an image, while there is one

// show takes a model's card.
export function show(c, all) {
  lending?.abort();
  card = c;
  others = all;
  $("size").textContent = `${c.width} × ${c.height}`;
  $("edit-steps").max = c.limits.steps;
  $("edit-steps").value = Math.min($("edit-steps").value, c.limits.steps);
  $("edit-class").replaceChildren(...classes(c));
  $("result").hidden = true;
  running.stop();
}

// take keeps an image and shows it. What runs and the result are of the one before, and so is the damage to one that was lent.
function take(file) {
  lending?.abort();
  if (lent) $("degrade").value = "1";
  lent = false;
  image = file;
  const chosen = $("chosen");
  if (chosen.src) URL.revokeObjectURL(chosen.src);
  chosen.src = URL.createObjectURL(file);
  chosen.alt = "The image that was chosen";
  chosen.hidden = false;
  $("result").hidden = true;
  running.stop(`${file.name || "An image"} is chosen.`);
}

// read returns an image in memory. A browser that cannot read a file does not say why.
const read = (file) => file.arrayBuffer().then((bytes) => new Blob([bytes], { type: file.type }), () => {
  throw new Error(`${file.name || "The image"} cannot be read: it has changed since it was chosen, is a folder, or is too large for this browser. Choose it again.`);
});

// fitted returns the image as it is sent: if that is wanted, its middle in the model's size. What only the service can read goes as it
// is, which is noted.
async function fitted(notes) {
  if (!$("fit").checked) return image;
  const bitmap = await createImageBitmap(image).catch(() => null);
  if (!bitmap) notes.push("This browser cannot read the image, which went as it is, neither cut out nor scaled.");
  if (!bitmap || bitmap.width === card.width && bitmap.height === card.height) return image;
  const scale = Math.min(bitmap.width / card.width, bitmap.height / card.height);
  const w = card.width * scale, h = card.height * scale;
  const canvas = make("canvas", { width: card.width, height: card.height });
  const to = canvas.getContext("2d");
  to.imageSmoothingQuality = "high";
  to.drawImage(bitmap, (bitmap.width - w) / 2, (bitmap.height - h) / 2, w, h, 0, 0, card.width, card.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

async function denoise(signal, step) {
  if (!image && lending) return "The model still draws. Denoise its image when it is there.";
  if (!image) {
    $("file").focus();
    return "Choose an image first, or let the model draw one.";
  }
  lending?.abort();
  const say = [];
  const sent = await fitted(say);
  if (sent.size > card.limits.bytes) throw new Error(`The image has ${sent.size.toLocaleString("en")} bytes; at most ${card.limits.bytes.toLocaleString("en")} are taken.`);
  const body = await read(sent);
  signal.throwIfAborted();
  const settings = { steps: $("edit-steps").value, seed: $("edit-seed").value, degrade: $("degrade").value };
  const anew = $("start").value;
  if (card.classes) settings.class = $("edit-class").value;
  $("result").hidden = true;
  $("tables").replaceChildren();
  const compared = [card, ...others.filter((c) => c.name === card.counterpart)];
  for (const [i, c] of compared.entries()) {
    const table = newTable(c);
    const done = await work(c.name, "orientations", { ...settings, start: c.starts[anew] }, body, signal, {
      step: ({ done, of }) => step(i * of + done, compared.length * of),
      orientation: (o) => {
        if (i === 0 && o.element === "e") compare(o);
        if (!table.shown) $("tables").append(table.shown = table.root);
        table.add(o);
      },
    });
    say.push(`${c.name}: ${table.finish(done)}.`);
  }
  if (compared.length === 1) $("tables").append(make("p", { className: "lead", textContent:
    `To see what a network without${card.exact ? "" : " or with"} the guarantee does, start the service with a second -model of the same images.` }));
  return say.join(" ");
}

const verdict = (d, n) => d.equal ? `equal bits in ${n === 1 ? "the one orientation" : `all ${n} orientations`}`
  : `differences up to ${d.largest.toPrecision(2)} of a range of 2`;

// ends says what was clipped.
const ends = ({ black, white, of, first: { row, column, channel } }) => `${black + white} of the ${of} numbers of the result are at black or white, `
  + `where the image’s were not: ${black} at black, ${white} at white, the first in row ${row}, column ${column}, channel ${channel}, counted from 0.`;

// compare shows an image before and after.
function compare(o) {
  $("before").src = url(o.turned);
  $("after").src = url(o.denoised);
  $("result").hidden = false;
}

// newTable returns the table of a model: a column for each orientation that is added, and what finish says of all.
function newTable(c) {
  const result = make("span"), head = make("tr", {}, make("td"));
  const rows = ["turned", "denoised", "difference"].map((name) => make("tr", {}, make("th", { scope: "row", textContent: name })));
  const title = make("h3", { id: `title-${c.name}` }, `${c.name}, ${c.words}: `, result);
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
  table.setAttribute("aria-labelledby", title.id);
  const turns = make("div", { className: "turns", tabIndex: 0 }, table);
  turns.setAttribute("role", "group");
  turns.setAttribute("aria-labelledby", title.id);
  const root = make("div", {}, title, turns);
  let n = 0;
  return {
    root,
    add(o) {
      n++;
      head.append(make("th", { scope: "col", textContent: element(o.element) }));
      rows[0].append(make("td", {}, make("img", { src: url(o.turned), alt: `The image, ${element(o.element)}` })));
      rows[1].append(make("td", {}, make("img", { src: url(o.denoised), alt: "Denoised" })));
      const says = make("span", { className: o.equal ? "good" : "bad", textContent: o.equal ? "0, equal bits" : o.largest.toPrecision(2) });
      rows[2].append(make("td", {}, make("img", { src: url(o.difference), alt: o.equal ? "Black: no difference" : "The difference" }), says));
    },
    finish(d) {
      result.className = d.equal ? "good" : "bad";
      result.textContent = verdict(d, n);
      const note = (text) => root.append(make("p", { className: "lead", textContent: text }));
      if (d.ties) note("The image has a symmetry of its own, so no noise can turn with it.");
      if (d.clipped.first) note(ends(d.clipped));
      return result.textContent;
    },
  };
}

const elements = { e: "as it is", r: "¼ turn", r2: "½ turn", r3: "¾ turn", h: "mirrored ↔", v: "mirrored ↕", s: "mirrored", sr: "mirror · ¼", sr2: "mirror · ½", sr3: "mirror · ¾" };
const element = (name) => elements[name] ?? name;

// lend lets the model draw an image and takes it. It is ended where another model or image is chosen meanwhile, or the one that is there
// denoised.
async function lend() {
  const settings = { seed: Math.floor(Math.random() * 1e6), steps: Math.min(50, card.limits.steps) };
  if (card.classes) settings.class = $("edit-class").value;
  const { signal } = lending = new AbortController();
  $("lend").disabled = true;
  running.say("The model draws …");
  try {
    const drawn = await sample(card.name, settings, signal).finally(() => { lending = null; });
    signal.throwIfAborted();
    take(drawn);
    lent = true;
    $("degrade").value = "4";
    running.say("The model has drawn an image; Denoise reduces its resolution to a quarter and then denoises it.");
  } catch (e) {
    if (!signal.aborted) running.say(e.message, "bad");
  } finally {
    $("lend").disabled = false;
  }
}

const running = form("Denoising", "edit", denoise);
$("lend").addEventListener("click", lend);
$("file").addEventListener("change", (e) => {
  if (e.target.files[0]) take(e.target.files[0]);
  e.target.value = ""; // so that the same file can be chosen again
});
$("split").addEventListener("input", (e) => document.querySelector(".stack").style.setProperty("--split", `${100 - e.target.value}%`));
for (const name of ["dragover", "drop"]) addEventListener(name, (e) => e.preventDefault()); // else a browser opens what falls beside
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  $("drop").addEventListener(name, (e) => {
    e.preventDefault();
    $("drop").classList.toggle("over", over);
    const file = name === "drop" && e.dataTransfer.files[0];
    if (file) take(file);
  });
}
