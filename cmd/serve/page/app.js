// The page: which model it is about, and what it is.

import { models, setToken } from "./api.js";
import * as denoise from "./denoise.js";
import * as draw from "./draw.js";
import { $, make } from "./form.js";

$("old").hidden = true; // it is for browsers that do not come this far

let all = [];

// show makes the page one about a model.
function show(c) {
  for (const e of document.querySelectorAll(".classed")) e.hidden = !c.classes;
  for (const e of document.querySelectorAll(".guided")) e.hidden = !c.guidance;
  $("guidance").disabled = !c.guidance; // hidden and empty it would keep the form from being sent
  denoise.show(c, all);
  draw.show(c);
  describe(c);
}

const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

// describe fills in the card.
function describe(c) {
  $("card-lead").textContent = c.exact
    ? `${c.name} commutes with ${c.group.toUpperCase()} to the last bit: it denoises a turned image to the denoised image, turned.`
    : `${c.name} has no guarantee: its result depends on how the image is turned.`;
  const l = c.limits;
  const figures = {
    "Network": `${c.words} (${c.method}), ${count(c.parameters, "parameter", "parameters")}`,
    "Symmetry": `${c.group.toUpperCase()}, ${count(c.elements.length, "element", "elements")}: ${c.elements.join(", ")}`,
    "Images": `${c.width} × ${c.height}, ${c.channels === 1 ? "grey" : "coloured"}${c.classes ? `, ${count(c.classes, "class", "classes")}${c.class_names ? `: ${c.class_names.join(", ")}` : ""}` : ""}`,
    "Diffusion": `${c.schedule} schedule, predicts ${c.predicts}`,
    "Trained": `${c.trained.steps ? `for ${count(c.trained.steps, "step", "steps")} ` : ""}on batches of ${count(c.trained.batch, "image", "images")}, `
      + `rate ${c.trained.rate}, seed ${c.trained.seed}`,
    "A request may have": `${count(l.pixels, "pixel", "pixels")} in ${count(l.bytes, "byte", "bytes")}, ${count(l.samples, "sample", "samples")}, `
      + `${count(l.steps, "step", "steps")}, and take ${count(l.seconds, "second", "seconds")}`,
  };
  if (c.counterpart) figures["Compared with"] = c.counterpart;
  $("figures").replaceChildren(...Object.entries(figures).flatMap(([k, v]) => [make("dt", { textContent: k }), make("dd", { textContent: v })]));
}

async function begin() {
  $("trouble").hidden = true;
  try {
    all = await models();
  } catch (e) {
    if (e.status === 401) $("login").hidden = false;
    $("trouble").hidden = e.status === 401 && !$("token").value;
    $("trouble").textContent = e.message;
    for (const s of document.querySelectorAll("section")) s.hidden = true;
    $("token").focus();
    return;
  }
  $("login").hidden = true;
  for (const s of document.querySelectorAll("section")) s.hidden = false;
  $("model").replaceChildren(...all.map((c) => make("option", { value: c.name, textContent: `${c.name}${c.exact ? "" : " (no guarantee)"}` })));
  show(all[0]);
}

$("model").addEventListener("change", (e) => show(all.find((c) => c.name === e.target.value)));
$("login").addEventListener("submit", (e) => { e.preventDefault(); setToken($("token").value); begin(); });
begin();
