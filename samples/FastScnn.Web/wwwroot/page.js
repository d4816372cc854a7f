import { LiveCamera } from "./camera.js";
import { prepare } from "./image.js";

const parts = { decode: "Decode", preProcess: "Pre-process", inference: "Inference", postProcess: "Post-process" };
const $ = id => document.getElementById(id);
const state = { running: null, camera: null, urls: [], limits: { maxBytes: Infinity, maxPixels: Infinity, maxFrameBytes: Infinity, maxFramePixels: Infinity } };

$("origin").textContent = location.origin;
$("drop").onclick = $("again").onclick = () => $("file").click();
$("file").onchange = () => { if ($("file").files[0]) segment($("file").files[0]); $("file").value = ""; };
$("street").onclick = async () => segment(new File([await (await fetch("street.jpg")).blob()], "street.jpg", { type: "image/jpeg" }));
$("camera").onclick = () => state.camera ? state.camera.stop() : live();
$("cancel").onclick = () => state.running?.abort();
$("opacity").oninput = showOpacity;
$("save-overlay").onclick = saveOverlay;

document.addEventListener("dragover", e => { e.preventDefault(); document.body.classList.add("dragging"); });
document.addEventListener("dragleave", e => { if (!e.relatedTarget) document.body.classList.remove("dragging"); });
document.addEventListener("drop", e => {
  e.preventDefault();
  document.body.classList.remove("dragging");
  if (e.dataTransfer.files[0]) segment(e.dataTransfer.files[0]);
});
document.addEventListener("paste", e => { if (e.clipboardData.files[0]) segment(e.clipboardData.files[0]); });

const about = await fetch("model").then(reply => reply.json()).catch(() => null);
if (about) {
  state.limits = about;
  $("model").textContent = `The model is ${about.name}, with ${about.classes.length} classes.`;
  // A drawing says nothing about a model that knows the surfaces of roads.
  $("street").hidden = !about.classes.includes("building");
}

async function segment(file) {
  state.camera?.stop();
  state.running?.abort();
  const running = state.running = new AbortController();
  showWorking(true, `Segmenting ${file.name} …`);
  try {
    const { blob, changes } = await prepare(file, state.limits);
    const form = new FormData();
    form.append("image", blob, file.name);
    const reply = await fetch("segment", { method: "POST", body: form, headers: { Accept: "application/json" }, signal: running.signal });
    if (!reply.ok) throw new Error(await reason(reply));
    const result = await reply.json();
    if (running.signal.aborted) return;
    await showResult(file.name, blob, result);
    const changed = changes.length ? `; ${changes.join(" and ")} before it was sent` : "";
    showWorking(false, `${file.name}: ${result.width} × ${result.height}${changed}.`);
  } catch (e) {
    if (state.running !== running) return; // A newer image has taken over.
    showWorking(false, e.name === "AbortError" ? "Cancelled." : "");
    if (e.name !== "AbortError") showError(`${file.name}: ${e instanceof TypeError ? "the server cannot be reached, or broke off." : e.message}`);
  }
}

function live() {
  state.running?.abort();
  state.running = null;
  let listed = 0;
  const camera = state.camera = new LiveCamera($("video"), $("live-mask"), state.limits, {
    result(result) {
      showError(null);
      showRatio(result);
      $("status").textContent = `The camera: ${result.width} × ${result.height}.`;
      if (performance.now() - listed < 500) return; // Lists that change with every frame cannot be read.
      listed = performance.now();
      showClasses(result.classes, result.classes);
      showTimes(result.timings);
      showStage();
    },
    stats({ rate, latency, dropped }) {
      $("rate").textContent = rate.toFixed(1);
      $("latency").textContent = `${latency.toFixed(0)} ms`;
      $("dropped").textContent = dropped;
    },
    problem: showError,
    end(why) {
      state.camera = null;
      document.body.classList.remove("live");
      $("camera").textContent = "Use the camera";
      for (const id of ["stage", "again", "save-mask", "save-overlay", "results"]) $(id).hidden = true;
      $("drop").hidden = false;
      document.querySelector("main").classList.remove("done");
      showWorking(false, why ? "" : "The camera is off.");
      showError(why);
    },
  });
  showWorking(false, "Starting the camera …");
  showError(null);
  for (const id of ["rate", "latency", "dropped"]) $(id).textContent = "–";
  $("camera").textContent = "Stop the camera";
  showOpacity();
  showRatio({ width: 4, height: 3 });
  $("stage").hidden = false; // A video that is not shown gives no frames.
  document.body.classList.add("live");
  camera.start();
}

async function reason(reply) {
  const problem = await reply.json().catch(() => ({}));
  return problem.detail ?? problem.title ?? `the server answered ${reply.status}.`;
}

function showWorking(working, text) {
  document.body.classList.toggle("working", working);
  $("cancel").hidden = !working;
  $("status").textContent = text;
  if (working) $("error").hidden = true;
}

function showError(text) {
  $("error").textContent = text ?? "";
  $("error").hidden = text === null;
}

async function showResult(name, image, result) {
  state.urls.forEach(URL.revokeObjectURL);
  const mask = new Blob([Uint8Array.from(atob(result.mask), c => c.charCodeAt(0))], { type: "image/png" });
  state.urls = [URL.createObjectURL(image), URL.createObjectURL(mask)];
  [$("image").src, $("mask").src] = state.urls;
  await Promise.all([$("image").decode(), $("mask").decode()]);
  const stem = name.replace(/\.[^.]*$/, "");
  $("save-mask").href = state.urls[1];
  $("save-mask").download = `${stem}-mask.png`;
  $("save-overlay").dataset.name = `${stem}-overlay.jpg`;
  showRatio(result);
  showClasses(result.classes);
  showTimes(result.timings);
  showOpacity();
  const hadFocus = document.activeElement === $("drop");
  showStage();
  for (const id of ["again", "save-mask", "save-overlay"]) $(id).hidden = false;
  $("drop").hidden = true;
  if (hadFocus) $("again").focus();
}

function showStage() {
  for (const id of ["stage", "results"]) $(id).hidden = false;
  document.querySelector("main").classList.add("done");
}

function showRatio({ width, height }) {
  $("stage").style.setProperty("--ratio", width / height);
}

function showOpacity() {
  $("mask").style.opacity = $("live-mask").style.opacity = $("opacity").value / 100;
  $("opacity-value").textContent = `${$("opacity").value} %`;
}

function showClasses(classes, order = classes.toSorted((a, b) => b.share - a.share)) {
  const largest = Math.max(...classes.map(c => c.share));
  $("classes").replaceChildren(...order.map(c => {
    const item = make("li", c.share > 0 ? "" : "none");
    const swatch = make("span", "swatch"), meter = make("span", "meter"), fill = make("span");
    swatch.style.background = c.color;
    fill.style.width = `${100 * c.share / largest}%`;
    meter.append(fill);
    item.append(swatch, make("span", "", c.name), make("span", "share", percent(c.share)), meter);
    return item;
  }));
}

function percent(share) {
  return share === 0 ? "–" : share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`;
}

function showTimes(timings) {
  const total = Object.keys(parts).reduce((sum, part) => sum + timings[part], 0);
  $("total").textContent = `${total.toFixed(1)} ms on the server`;
  $("bar").replaceChildren(...Object.keys(parts).map(part => {
    const span = make("span", part);
    span.style.flexGrow = timings[part] / total;
    return span;
  }));
  $("times").replaceChildren(...Object.entries(parts).map(([part, text]) => {
    const row = make("div");
    row.append(make("i", part), make("dt", "", text), make("dd", "", `${timings[part].toFixed(1)} ms`));
    return row;
  }));
}

async function saveOverlay() {
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  [canvas.width, canvas.height] = [$("image").naturalWidth, $("image").naturalHeight];
  context.drawImage($("image"), 0, 0);
  context.globalAlpha = $("opacity").value / 100;
  context.drawImage($("mask"), 0, 0);
  const url = URL.createObjectURL(await new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.92)));
  const link = make("a");
  [link.href, link.download] = [url, $("save-overlay").dataset.name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // Some browsers read it after the click.
}

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
