"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const $ = (id) => document.getElementById(id);
  const seat = crypto.randomUUID();
  const times = [];
  let item = null;
  let busy = false;
  let doubted = "";
  let early = null;

  // --- Asking the station. A decision is on disk when the answer comes.

  async function ask(verb, more = {}) {
    if (busy) return;
    busy = true;
    const fading = setTimeout(() => document.body.classList.add("busy"), 250);
    try {
      const answer = await post(verb, more);
      const said = await answer.json();
      if (answer.ok) { notice(""); show(said); return; }
      if (said.doubt) { doubted = $("code").value; $("code").classList.add("doubt"); }
      notice(said.doubt || said.refused);
      if (answer.status === 409 && verb === "decide" && !said.doubt && !said.refused.startsWith("A ")) {
        busy = false;
        await ask("next");
        notice(said.refused);
      }
    } catch (error) {
      notice("The station has stopped. All that you keyed is on disk. Start zipread review again and open its new address.");
    } finally {
      clearTimeout(fading);
      document.body.classList.remove("busy");
      busy = false;
    }
  }

  function post(verb, more) {
    return fetch("do/" + verb, {
      method: "POST",
      keepalive: verb === "leave",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ seat, who: $("who").value.trim(), ...more }),
    });
  }

  function decide(action, code = "", sure = false) {
    if (!item) return;
    times.push(Date.now());
    ask("decide", { item: item.number, action, code, sure });
  }

  function enter() {
    const code = $("code").value;
    if (code) decide("zip", code, code === doubted);
    else if (item && item.said) ask("next");
    else notice("Type the digits, or press A to accept the guess.");
  }

  const VERBS = {
    accept: () => { if (item && item.guess) decide("zip", item.guess, true); },
    "no-zip": () => decide("no-zip"),
    illegible: () => decide("illegible"),
    skip: () => decide("skip"),
    back: () => ask("back"),
    undo: () => ask("undo"),
    again: () => ask("again"),
    next: () => ask("next"),
  };
  const KEYS = { a: "accept", n: "no-zip", i: "illegible", s: "skip", b: "back", u: "undo", r: "again" };

  // --- Showing what it answers. Everything goes in as text, nothing as HTML.

  function show(state) {
    item = state.item;
    doubted = "";
    $("item").hidden = !item;
    $("done").hidden = Boolean(item);
    $("bar").max = Math.max(1, state.total);
    $("bar").value = state.total - state.left;
    $("left").textContent = state.left + " of " + state.total + " left";
    $("pace").textContent = pace();
    if (!$("who").value) $("who").value = state.who;
    if (item) showItem(state); else showDone(state);
    if (state.ahead !== null && state.ahead !== undefined) load(state.ahead);
  }

  function showItem(state) {
    $("code").value = "";
    $("code").classList.remove("doubt");
    $("code").placeholder = item.is_zip ? "ZIP" : "number";
    $("field").classList.toggle("whole", item.whole);
    draw("field", item.pictures.field, false);
    draw("page", item.pictures.page, true);
    $("name").textContent = item.document + (item.page > 1 ? ", page " + item.page : "");
    showGuess();
    document.querySelector("[data-verb=accept]").disabled = !item.guess;
    if (item.disputed) notice("Two people disagree on this one. Please look again.");
    $("code").focus({ preventScroll: true });
  }

  function showGuess() {
    const parts = [];
    if (item.said) parts.push("You said ", strong(item.said), ". Key it again to change that, Enter to go on.");
    else if (item.guess) {
      parts.push("Read as ");
      for (const [place, [digit, confidence]] of item.digits.entries()) {
        if (place === 5) parts.push("-");
        parts.push(strong(digit, confidence >= 0.98 ? "sure" : confidence >= 0.9 ? "fair" : "poor"));
      }
      parts.push(", " + (100 * item.confidence).toFixed(1) + "\u00a0% sure.");
      if (item.alternatives.length) parts.push(" Or ");
      for (const other of item.alternatives) parts.push(alternative(other));
    } else if (item.guess === "" && item.whole) parts.push("No ZIP was found here.");
    $("guess").replaceChildren(...parts);
  }

  function strong(text, level = "") {
    const b = document.createElement("b");
    b.textContent = text;
    b.className = level;
    return b;
  }

  function alternative(code) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = code;
    button.title = "Take this one";
    button.addEventListener("click", () => decide("zip", code, true));
    return button;
  }

  function draw(kind, picture, marked) {
    if (!picture) {
      const p = document.createElement("p");
      p.textContent = item.problem;
      $(kind).replaceChildren(p);
      return;
    }
    const svg = node("svg", { viewBox: `0 0 ${picture.width} ${picture.height}`, role: "img" });
    svg.append(node("image", { href: address(item.number, kind), width: picture.width, height: picture.height }));
    if (marked && picture.box) {
      const [x, y, width, height] = picture.box;
      const by = 0.35 * height;
      svg.append(node("rect", { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by, rx: by / 2 }));
    }
    $(kind).replaceChildren(svg);
  }

  function node(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  const address = (number, kind) => `picture/${number}/${kind}`;

  function load(number) {
    early = ["field", "page"].map((kind) => { const image = new Image(); image.src = address(number, kind); return image; });
  }

  function showDone(state) {
    const open = state.left - state.skipped;
    $("done-title").textContent = state.left ? "Nothing more for you just now." : "All done.";
    $("done-text").textContent = !state.total ? "No page of these results waits for a person."
      : state.left ? [state.skipped && state.skipped + " skipped", open > 0 && open + " with others, or waiting for a second person"].filter(Boolean).join(", ") + "."
      : "Every page is settled. Stop the station with Ctrl-C: the results will say what you keyed.";
    $("again").hidden = !state.skipped;
  }

  function pace() {
    const last = times.slice(-20);
    if (last.length < 5) return "";
    const minutes = (last[last.length - 1] - last[0]) / 60000;
    return minutes > 0 ? "\u00b7 " + Math.round((last.length - 1) / minutes) + " a minute" : "";
  }

  function notice(text) {
    $("notice").textContent = text;
    $("notice").hidden = !text;
  }

  // --- Hands.

  $("entry").addEventListener("submit", (event) => { event.preventDefault(); enter(); });
  for (const button of document.querySelectorAll("[data-verb]")) {
    button.addEventListener("click", () => { VERBS[button.dataset.verb](); $("code").focus({ preventScroll: true }); });
  }
  document.addEventListener("keydown", (event) => {
    if (event.target === $("who") || event.altKey || event.metaKey) return;
    if (event.ctrlKey) { if (event.key === "z") { event.preventDefault(); VERBS.undo(); } return; }
    const verb = KEYS[event.key.toLowerCase()];
    if (verb) {
      event.preventDefault();
      if (!event.repeat && !(verb === "again" && item)) VERBS[verb]();
    } else if (event.key === "Enter" && !item && event.target.localName !== "button") ask("next");
    else if (/^[0-9]$/.test(event.key) && item && event.target !== $("code")) $("code").focus();
  });
  $("code").addEventListener("input", () => {
    $("code").value = $("code").value.replace(/[^0-9-]/g, "");
    if ($("code").value !== doubted) { $("code").classList.remove("doubt"); notice(""); }
  });
  $("who").addEventListener("change", () => {
    sessionStorage.setItem("who", $("who").value);
    ask("next");
  });
  setInterval(() => { if (item) post("alive", {}).catch(() => {}); }, 25000);
  addEventListener("pagehide", () => { post("leave", {}).catch(() => {}); });
  $("who").value = sessionStorage.getItem("who") || "";
  ask("next");
})();
