/* Additions only: every page works without this file. It keeps a waiting page up to date, copies
   what is to be typed into a bank's app, and searches among many banks. No request leaves this site. */
"use strict";

/* ---------- a page that waits: ask which page fits, ever more rarely; open it when it is another */
const FIRST_MS = 3000, LONGEST_MS = 30000, SLOWER = 1.4;
const waiting = document.querySelector("[data-live]");
if (waiting) {
  waiting.querySelectorAll("[data-scripted]").forEach(each => { each.hidden = false; });
  let wait = FIRST_MS, timer = 0;
  const later = () => { timer = setTimeout(look, wait); wait = Math.min(wait * SLOWER, LONGEST_MS); };
  const look = async () => {
    clearTimeout(timer);
    if (document.hidden) return;  // asked again when the citizen is back
    try {
      const answer = await fetch(waiting.dataset.live, { headers: { Accept: "application/json" } });
      const shows = answer.ok ? (await answer.json()).shows : waiting.dataset.shows;
      if (shows !== waiting.dataset.shows) {
        waiting.textContent = waiting.dataset.news;
        location.reload();
        return;
      }
    } catch { /* no network just now */ }
    later();
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { wait = FIRST_MS; look(); } });
  later();
}

/* ---------- copy: only where the browser lets us */
const COPIED_MS = 2500;
const said = document.querySelector("[data-said]");
if (navigator.clipboard) {
  document.querySelectorAll("[data-copy]").forEach(button => {
    const word = button.querySelector("[data-word]"), before = word.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(button.dataset.copy); } catch { return; }
      word.textContent = said.textContent = button.dataset.done;
      setTimeout(() => { word.textContent = before; said.textContent = ""; }, COPIED_MS);
    });
  });
}

/* ---------- search among many banks, with or without the marks of Vietnamese */
const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
document.querySelectorAll("[data-search]").forEach(box => {
  const group = box.closest(".group"), tiles = [...group.querySelectorAll(".tile")];
  const input = box.querySelector("input"), count = box.querySelector("[data-count]");
  box.hidden = false;
  const narrow = () => {
    const wanted = plain(input.value.trim());
    const found = tiles.filter(tile => {
      const fits = plain(tile.textContent).includes(wanted);
      tile.hidden = !fits && !tile.querySelector("input:checked");
      return fits;
    });
    count.textContent = wanted ? count.dataset.count.replace("{count}", found.length) : "";
  };
  input.addEventListener("input", narrow);
  // Enter in this field searches; it must not send the form.
  input.addEventListener("keydown", event => { if (event.key === "Enter") event.preventDefault(); });
});
