"use strict";
(() => {
  const SHOWN = 100;
  const STATUS = ["accepted", "review", "no-zip", "error"];
  const $ = (id) => document.getElementById(id);
  // Each row: name, ZIP, status, confidence, seconds, by person, and what search looks through.
  const rows = JSON.parse($("index").textContent);
  const list = $("list");
  // Without scripts every card shows. With them, all after the first stay text until looked at.
  const cards = Array.from(list.children);
  rows.forEach((row, i) => { row.card = i; row.text = (row[0] + " " + row[1] + " " + row[6]).toLowerCase(); });
  const parser = document.createElement("template");

  function card(i) {
    if (cards[i].localName === "noscript") {
      parser.innerHTML = cards[i].textContent;
      cards[i] = document.importNode(parser.content.firstElementChild, true);
    }
    return cards[i];
  }

  const compare = (key, sign) => (a, b) => (a[key] < b[key] ? -sign : a[key] > b[key] ? sign : a.card - b.card);
  const ORDERS = {
    order: (a, b) => a.card - b.card, name: compare(0, 1), zip: compare(1, 1),
    least: compare(3, 1), most: compare(3, -1), slow: compare(4, -1),
  };
  let found = rows;
  let page = 0;

  function wanted(row, words, status) {
    if (status === "person" ? !row[5] : status && STATUS[row[2]] !== status) return false;
    return words.every((word) => row.text.includes(word));
  }

  function look() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.filter((row) => wanted(row, words, $("status").value)).sort(ORDERS[$("sort").value]);
    page = 0;
    show();
  }

  function show() {
    const pages = Math.max(1, Math.ceil(found.length / SHOWN));
    list.replaceChildren(...found.slice(page * SHOWN, (page + 1) * SHOWN).map((row) => card(row.card)));
    $("count").textContent = found.length.toLocaleString("en") + (found.length === 1 ? " page" : " pages");
    $("at").textContent = page + 1 + " / " + pages;
    $("previous").disabled = page === 0;
    $("next").disabled = page >= pages - 1;
  }

  function turn(by) {
    page += by;
    show();
    $("controls").scrollIntoView();
  }

  // On paper stands all that was found, not the page that is shown.
  addEventListener("beforeprint", () => list.replaceChildren(...found.map((row) => card(row.card))));
  addEventListener("afterprint", show);

  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 120); });
  $("controls").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["status", "sort"]) $(id).addEventListener("change", look);
  $("previous").addEventListener("click", () => turn(-1));
  $("next").addEventListener("click", () => turn(1));
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== $("search")) { event.preventDefault(); $("search").focus(); }
  });
  $("controls").hidden = false;
  show();
})();
