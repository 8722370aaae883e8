"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const svg = document.querySelector("#stage svg");
const nodes = data.nodes.map((n, i) => Object.assign(n, {el: $("n" + i), out: [], in: []}));
const edges = data.edges.map((e, i) => Object.assign(e, {el: $("e" + i)}));
edges.forEach((e, i) => { nodes[e.from].out.push(i); nodes[e.to].in.push(i); });

// make builds an element. Text goes in as text, never as markup.
function make(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (k === "onclick") el.addEventListener("click", v);
    else if (k === "class") el.className = v;
    else el.setAttribute(k, v);
  }
  el.append(...children.filter(c => c !== null && c !== undefined && c !== ""));
  return el;
}

// --- What is shown: a way, a box, a search or a target.
const state = {row: data.rows.length ? 0 : -1, node: -1, target: -1, query: ""};

function stepsOf(row) {
  const steps = new Set();
  const path = row < 0 ? [] : data.rows[row].path;
  for (let i = 1; i < path.length; i++) steps.add(path[i - 1] + ">" + path[i]);
  return {steps, boxes: new Set(path)};
}

// reaching finds the boxes from which a box can be reached, or that it reaches.
function reaching(start, forward) {
  const seen = new Set([start]), queue = [start];
  for (let n; (n = queue.pop()) !== undefined;) {
    for (const e of forward ? nodes[n].out : nodes[n].in) {
      const next = forward ? edges[e].to : edges[e].from;
      if (!seen.has(next)) { seen.add(next); queue.push(next); }
    }
  }
  return seen;
}

function matches(n, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (n.title + " " + n.detail + " " + n.members.map(m => m.id + " " + (m.file || "")).join(" ")).toLowerCase();
  return words.every(w => text.includes(w));
}

function visible() {
  if (state.query) return new Set([...nodes.keys()].filter(i => matches(nodes[i], state.query)));
  if (state.target >= 0) return reaching(state.target, false);
  return null;
}

function paint() {
  const {steps, boxes} = stepsOf(state.row);
  const shown = visible();
  nodes.forEach((n, i) => {
    n.el.classList.toggle("worst", boxes.has(i));
    n.el.classList.toggle("chosen", state.node === i);
    n.el.classList.toggle("dim", shown !== null && !shown.has(i));
  });
  edges.forEach(e => {
    e.el.classList.toggle("worst", steps.has(e.from + ">" + e.to));
    e.el.classList.toggle("near", state.node >= 0 && (e.from === state.node || e.to === state.node));
    e.el.classList.toggle("dim", shown !== null && !(shown.has(e.from) && shown.has(e.to)));
  });
  for (const tr of document.querySelectorAll("#overview tbody tr")) {
    const r = +tr.dataset.row;
    tr.classList.toggle("here", r === state.row);
    tr.hidden = state.target >= 0 && data.rows[r].targetBox !== state.target;
  }
  $("status").textContent = statusText(shown);
  if (state.row >= 0) $("heading").textContent = data.rows[state.row].sentence;
}

function statusText(shown) {
  if (state.query) return shown.size === 1 ? "1 box matches" : shown.size + " boxes match";
  const r = data.rows[state.row];
  return r ? r.sentence + (r.path.length ? "" : " (the way is not in the picture)") : "";
}

// --- The panel.
function pill(r) { return make("span", {class: "pill " + r.heat}, r.figure === "∞" ? "∞" : "×" + r.figure); }

function place(file, line) {
  if (!file) return null;
  const a = make("a", {class: "place"}, file + (line ? ":" + line : ""));
  a.dataset.file = file;
  a.dataset.line = line || 1;
  a.href = address(file, line || 1);
  return a;
}

function boxLink(i, text) {
  return make("button", {type: "button", class: "linklike", onclick: () => choose(i, true)}, text || nodes[i].title);
}

function card(r, i, name, box, more) {
  const figures = [["worst case", r.figure], ["hang", r.hang], ["steady", r.steady], ["healthy", r.base], ["others fail", r.bystander], ["time", r.wall || "–"]];
  return make("div", {class: "card"},
    box >= 0 ? boxLink(box, name) : make("span", {}, name), " ", pill(r),
    more ? make("div", {class: "faint"}, more) : null,
    make("div", {class: "figures"}, ...figures.map(([k, v]) => make("div", {}, k, make("b", {}, v)))),
    make("p", {class: "faint"}, "when: " + r.mode + (r.product && r.product !== r.figure ? " · " + r.product : "")),
    make("button", {type: "button", onclick: () => showRow(i)}, "Show the way"));
}

function layerItem(l) {
  const limits = [l.perTry && l.perTry + " each", l.overall && l.overall + " in all"].filter(Boolean).join(", ");
  return make("span", {class: "layer"}, make("b", {}, "×" + l.attempts), " " + l.name + (l.on ? ", on " + l.on : "") + (limits ? ", " + limits : "") + " ", place(l.file, l.line));
}

function edgeItem(e, other, arrow) {
  const li = make("li", {}, arrow + " ", boxLink(other));
  for (const way of e.ways) {
    for (const c of way) {
      const at = place(c.file, c.line);
      if (at || c.via) li.append(make("span", {class: "layer"}, at, c.via ? " via " + c.via : ""));
      if (c.bound) li.append(make("span", {class: "layer"}, "at most " + c.bound));
      if (c.why) li.append(make("span", {class: "layer"}, "by " + c.why));
      for (const l of c.layers || []) li.append(layerItem(l));
      for (const l of c.loops || []) li.append(make("span", {class: "layer"}, make("b", {}, "×" + l), " loop"));
    }
  }
  if (e.more) li.append(make("span", {class: "layer"}, "and " + e.more + " more calls"));
  return li;
}

function list(heading, items) { return items.length ? [make("h3", {}, heading), make("ul", {}, ...items)] : []; }

function grouped(n) { return n.kind === "package" || n.kind === "service" && n.members.length > 1; }

const memberLimit = 60;
function showNode(i) {
  const n = nodes[i], first = n.members[0];
  const rows = data.rows.map((r, k) => [r, k]);
  const arriving = rows.filter(([r]) => r.targetBox === i), leaving = rows.filter(([r]) => r.entryBox === i);
  const heading = (text, some) => some.length ? [make("h3", {}, text)] : [];
  $("detail").replaceChildren(
    make("p", {}, make("button", {type: "button", class: "linklike", onclick: clear}, "← worst cases")),
    make("h2", {}, grouped(n) ? n.title : first.id),
    make("p", {class: "faint"}, n.kind + (n.detail ? " · " + n.detail : "") + " ", n.members.length === 1 ? place(first.file, first.line) : null),
    ...(first.byPlace ? [make("p", {class: "faint"}, "Named by the place of the call: the code does not show what is asked of whom.")] : []),
    ...heading("Requests that arrive here for one to", arriving), ...arriving.slice(0, 50).map(([r, k]) => card(r, k, r.from, r.entryBox, grouped(n) ? "at " + r.target : "")),
    ...heading("What one request here can become", leaving), ...leaving.slice(0, 50).map(([r, k]) => card(r, k, r.target, r.targetBox, grouped(n) ? "from " + r.from : "")),
    ...list("Leads to", n.out.map(e => edgeItem(edges[e], edges[e].to, "→"))),
    ...list("Comes from", n.in.map(e => edgeItem(edges[e], edges[e].from, "←"))),
    ...(n.members.length > 1 ? list(grouped(n) ? "Consists of" : "Served by", n.members.slice(grouped(n) ? 0 : 1, memberLimit).map(m => make("li", {}, m.id + " ", place(m.file, m.line)))) : []),
    ...(n.members.length > memberLimit || n.more ? [make("p", {class: "faint"}, "and " + (n.members.length + (n.more || 0) - memberLimit) + " more")] : []));
  $("detail").hidden = false;
  $("overview").hidden = true;
  $("panel").scrollTop = 0;
}

function showOverview() {
  $("detail").hidden = true;
  $("overview").hidden = false;
}

function choose(i, move) {
  state.node = i;
  showNode(i);
  paint();
  if (move) center(i);
}

function showRow(i) {
  state.row = i;
  const drawn = data.rows[i].path;
  if (state.target >= 0 && data.rows[i].targetBox !== state.target) setTarget(-1);
  paint();
  if (drawn.length) frame(drawn);
}

function clear() {
  state.node = -1;
  state.row = data.rows.length ? 0 : -1;
  state.query = $("search").value = "";
  setTarget(-1);
  showOverview();
  paint();
}

function setTarget(i) {
  state.target = i;
  $("target").value = i < 0 ? "" : String(i);
}

// --- Where places in the code are opened.
const schemes = ["http:", "https:", "file:", "vscode:", "vscode-insiders:", "vscodium:", "cursor:", "zed:", "idea:", "goland:", "jetbrains:"];
let template = "";

function address(file, line) {
  const path = file.split("/").map(encodeURIComponent).join("/");
  if (!template) return (file.startsWith("/") ? "" : "./") + path + "#L" + line;
  return template.replaceAll("{file}", () => path).replaceAll("{line}", () => String(line));
}

function setTemplate(text) {
  const scheme = /^([a-z][a-z0-9+.-]*:)/i.exec(text);
  const bad = text && (!scheme || !schemes.includes(scheme[1].toLowerCase()));
  $("sourceproblem").textContent = bad ? "Expected an address that begins with one of " + schemes.join(" ") : "";
  template = bad ? "" : text;
  for (const a of document.querySelectorAll("a.place")) a.href = address(a.dataset.file, +a.dataset.line);
}

// --- Remembering, where the browser allows it.
function remember(key, value) { try { localStorage.setItem("commslint." + key, value); } catch { /* not allowed here */ } }
function recall(key) { try { return localStorage.getItem("commslint." + key) || ""; } catch { return ""; } }

// --- Moving about. The view is the part of the picture that is seen.
const whole = svg.viewBox.baseVal, all = {x: whole.x, y: whole.y, w: whole.width, h: whole.height};
let view = {...all}, size = {};

function apply() { svg.setAttribute("viewBox", [view.x, view.y, view.w, view.h].map(v => v.toFixed(1)).join(" ")); }

// look shows a part of the picture. If it would be smaller than least, only its start
// or its end is shown.
function look(x, y, w, h, least, end) {
  const {width, height} = svg.getBoundingClientRect();
  if (!width || !height) return;
  size = {width, height};
  let scale = Math.min(width / w, height / h, 1.6);
  let cx = x + w / 2, cy = y + h / 2;
  if (least && scale < least) {
    scale = least;
    cx = end ? Math.max(cx, x + w - width / scale / 2) : Math.min(cx, x + width / scale / 2);
  }
  view = {w: width / scale, h: height / scale};
  view.x = cx - view.w / 2;
  view.y = cy - view.h / 2;
  apply();
}

// A window that changes its size keeps its scale and its centre.
new ResizeObserver(() => {
  const {width, height} = svg.getBoundingClientRect();
  if (!width || !height || !size.width) return;
  const scale = size.width / view.w;
  const x = view.x + view.w / 2, y = view.y + view.h / 2;
  view = {w: width / scale, h: height / scale};
  view.x = x - view.w / 2;
  view.y = y - view.h / 2;
  size = {width, height};
  apply();
}).observe(svg);

function bounds(list) {
  let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
  for (const i of list) {
    const b = nodes[i].el.getBBox();
    x0 = Math.min(x0, b.x); y0 = Math.min(y0, b.y); x1 = Math.max(x1, b.x + b.width); y1 = Math.max(y1, b.y + b.height);
  }
  return [x0 - 30, y0 - 30, x1 - x0 + 60, y1 - y0 + 60];
}

const readable = 0.42;
function frame(list, end) { look(...bounds(list), readable, end); }
function fit() { look(all.x, all.y, all.w, all.h); }

function center(i) {
  const b = nodes[i].el.getBBox();
  const x = b.x + b.width / 2, y = b.y + b.height / 2;
  if (x < view.x + 80 || x > view.x + view.w - 80 || y < view.y + 50 || y > view.y + view.h - 50) {
    view.x = x - view.w / 2;
    view.y = y - view.h / 2;
    apply();
  }
}

function zoom(factor, px, py) {
  const r = svg.getBoundingClientRect();
  const fx = px === undefined ? 0.5 : (px - r.left) / r.width, fy = py === undefined ? 0.5 : (py - r.top) / r.height;
  const w = Math.min(Math.max(view.w / factor, 120), 8 * Math.max(all.w, r.width));
  const k = w / view.w;
  view = {x: view.x + view.w * fx * (1 - k), y: view.y + view.h * fy * (1 - k), w, h: view.h * k};
  apply();
}

svg.addEventListener("wheel", ev => {
  ev.preventDefault();
  zoom(Math.exp(-ev.deltaY * (ev.deltaMode ? 0.05 : 0.0016)), ev.clientX, ev.clientY);
}, {passive: false});

const fingers = new Map();
let moved = 0;
svg.addEventListener("pointerdown", ev => {
  if (ev.button) return;
  fingers.set(ev.pointerId, ev);
  moved = 0;
});
addEventListener("pointermove", ev => {
  const before = fingers.get(ev.pointerId);
  if (!before) return;
  const others = [...fingers.values()].filter(f => f.pointerId !== ev.pointerId);
  if (others.length === 1) {
    const o = others[0], far = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    zoom(far(ev, o) / Math.max(far(before, o), 1), o.clientX, o.clientY);
  } else {
    const k = view.w / svg.getBoundingClientRect().width;
    const dx = ev.clientX - before.clientX, dy = ev.clientY - before.clientY;
    moved += Math.abs(dx) + Math.abs(dy);
    view.x -= dx * k;
    view.y -= dy * k;
    apply();
  }
  fingers.set(ev.pointerId, ev);
  svg.classList.toggle("moving", moved > 4);
});
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, ev => { fingers.delete(ev.pointerId); svg.classList.remove("moving"); });
}

// --- What people do.
nodes.forEach((n, i) => {
  n.el.setAttribute("tabindex", "0");
  n.el.setAttribute("role", "button");
  n.el.setAttribute("aria-label", n.kind + " " + n.title + (n.badge ? ", at most " + n.badge : ""));
  n.el.addEventListener("click", () => { if (moved <= 4) choose(i, false); });
  n.el.addEventListener("focus", () => { if (n.el.matches(":focus-visible")) center(i); });
});
svg.addEventListener("click", ev => { if (moved <= 4 && !ev.target.closest(".node")) { state.node = -1; showOverview(); paint(); } });

// neighbour is the box nearest in a direction.
function neighbour(i, dx, dy) {
  const box = k => { const b = nodes[k].el.getBBox(); return [b.x + b.width / 2, b.y + b.height / 2]; };
  const [x, y] = box(i);
  let best = -1, least = Infinity;
  nodes.forEach((_, k) => {
    const [kx, ky] = box(k), along = (kx - x) * dx + (ky - y) * dy, across = Math.abs((kx - x) * dy) + Math.abs((ky - y) * dx);
    if (k !== i && along > 5 && along + 2 * across < least) { least = along + 2 * across; best = k; }
  });
  return best;
}

const arrows = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
addEventListener("keydown", ev => {
  if (ev.ctrlKey || ev.metaKey || ev.altKey) return;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (ev.key === "Escape") { clear(); document.activeElement.blur(); return; }
  if (typing) return;
  const focused = nodes.findIndex(n => n.el === document.activeElement);
  if (focused >= 0 && (ev.key === "Enter" || ev.key === " ")) choose(focused, true);
  else if (focused >= 0 && arrows[ev.key]) {
    const k = neighbour(focused, ...arrows[ev.key]);
    if (k >= 0) { nodes[k].el.focus(); center(k); }
  }
  else if (ev.key === "/") $("search").focus();
  else if (ev.key === "+" || ev.key === "=") zoom(1.25);
  else if (ev.key === "-") zoom(0.8);
  else if (ev.key === "0") fit();
  else return;
  ev.preventDefault();
});

$("search").addEventListener("input", ev => {
  state.query = ev.target.value.trim();
  paint();
});
$("tools").addEventListener("submit", ev => {
  ev.preventDefault();
  const found = state.query ? [...visible()] : [];
  if (found.length) { frame(found.slice(0, 1)); choose(found[0], true); }
});
$("target").addEventListener("change", ev => {
  const i = ev.target.value === "" ? -1 : +ev.target.value;
  setTarget(i);
  state.node = -1;
  state.row = data.rows.findIndex(r => i < 0 || r.targetBox === i);
  showOverview();
  paint();
  if (i >= 0) frame([...reaching(i, false)], true); else fit();
});
$("in").addEventListener("click", () => zoom(1.25));
$("out").addEventListener("click", () => zoom(0.8));
$("fit").addEventListener("click", fit);
$("source").addEventListener("input", ev => { setTemplate(ev.target.value.trim()); remember("source", template); });

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
function themeNow() { return document.documentElement.dataset.theme || (prefersDark.matches ? "dark" : "light"); }
function labelTheme() {
  const dark = themeNow() === "dark";
  $("theme").textContent = dark ? "Light" : "Dark";
  $("theme").setAttribute("aria-pressed", String(dark));
}
$("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = themeNow() === "dark" ? "light" : "dark";
  remember("theme", document.documentElement.dataset.theme);
  labelTheme();
});
prefersDark.addEventListener("change", labelTheme);

// --- The start.
if (["light", "dark"].includes(recall("theme"))) document.documentElement.dataset.theme = recall("theme");
labelTheme();
$("source").value = recall("source");
setTemplate($("source").value);
[...nodes.keys()].filter(i => data.rows.some(r => r.targetBox === i))
  .sort((a, b) => data.rows.findIndex(r => r.targetBox === a) - data.rows.findIndex(r => r.targetBox === b))
  .forEach(i => $("target").append(make("option", {value: String(i)}, nodes[i].title + (nodes[i].badge ? "  " + nodes[i].badge : ""))));
for (const tr of document.querySelectorAll("#overview tbody tr")) {
  tr.querySelector("button").addEventListener("click", () => showRow(+tr.dataset.row));
}
paint();
const r = svg.getBoundingClientRect();
if (Math.min(r.width / all.w, r.height / all.h) < readable && state.row >= 0 && data.rows[state.row].path.length) frame(data.rows[state.row].path);
else fit();
})();
