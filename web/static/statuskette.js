// Makes pages a little livelier: countdowns tick, drafts survive, pop-ups arrive. Every page works without it.
"use strict";

const page = document.body.dataset;
const began = Date.now();
const serverNow = Number(document.documentElement.dataset.now) * 1000;

function words(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const hours = Math.floor(minutes / 60);
  if (!minutes) return page.under;
  return [hours ? `${hours} h` : "", minutes % 60 ? `${minutes % 60} min` : ""].filter(Boolean).join(" ");
}

// A countdown ticks only while the site is open; at closing time it stands still.
function tick() {
  const now = serverNow + (Date.now() - began);
  for (const shown of document.querySelectorAll(".countdown[data-until]")) {
    const until = Number(shown.dataset.until) * 1000;
    const left = Number(shown.dataset.left) - (Math.min(now, until) - serverNow) / 1000;
    shown.querySelector("[data-countdown]").textContent = (left > 0 ? page.left : page.late).replace("{}", words(left));
    shown.classList.toggle("is-late", left <= 0);
    shown.classList.toggle("is-left", left > 0);
    if (now > until) shown.classList.add("is-resting");
  }
}

// What is typed stays in this browser until the server has accepted it; an error page keeps it, a new page drops it.
function draftKey(field) {
  return `statuskette:${page.person}:${field.dataset.draft}`;
}

function keepDrafts() {
  const accepted = document.querySelector(".flash") && sessionStorage.getItem("statuskette:sent");
  if (accepted) localStorage.removeItem(accepted);
  sessionStorage.removeItem("statuskette:sent");
  for (const field of document.querySelectorAll("textarea[data-draft]")) {
    const kept = localStorage.getItem(draftKey(field));
    if (kept && !field.value) {
      field.value = kept;
      field.insertAdjacentHTML("afterend", '<p class="hint" role="status"></p>');
      field.nextElementSibling.textContent = page.drafted;
    }
    field.addEventListener("input", () => {
      if (field.value) localStorage.setItem(draftKey(field), field.value);
      else localStorage.removeItem(draftKey(field));
    });
    field.form.addEventListener("submit", () => sessionStorage.setItem("statuskette:sent", draftKey(field)));
  }
}

function forgetDrafts() {
  for (const key of Object.keys(localStorage)) if (key.startsWith("statuskette:")) localStorage.removeItem(key);
}

// A second press of a button while the first one is under way does nothing.
function pressOnce(event) {
  if (event.target.dataset.sent) event.preventDefault();
  else if (event.target.method === "post") event.target.dataset.sent = "1";
}

const region = document.getElementById("popups");
const title = document.title;
let sounding = null;

function beep() {
  if (!("sound" in page)) return;
  sounding ??= new AudioContext();
  const tone = sounding.createOscillator();
  const volume = sounding.createGain();
  volume.gain.setValueAtTime(0.08, sounding.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, sounding.currentTime + 0.5);
  tone.frequency.value = 740;
  tone.connect(volume).connect(sounding.destination);
  tone.start();
  tone.stop(sounding.currentTime + 0.5);
}

function count() {
  const waiting = region.querySelectorAll("[data-popup]").length;
  document.title = waiting ? `(${waiting}) ${title}` : title;
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function popUp(notice) {
  const link = element("a", { href: `/tickets/${notice.number}` }, `#${notice.number} ${notice.subject}`);
  const form = element("form", { method: "post", action: `/popups/${notice.id}/seen` },
    element("input", { type: "hidden", name: "csrf", value: page.csrf }),
    element("button", { name: "open", value: "1" }, region.dataset.open),
    element("button", { class: "quiet", "data-seen-only": "" }, region.dataset.seen));
  region.append(element("div", { class: "popup", role: "alert", "data-popup": notice.id },
    element("p", {}, element("b", {}, `${region.dataset.title}: `, link)),
    element("p", { class: "popup-why" }, notice.why), form));
}

async function look() {
  let answer;
  try {
    answer = await fetch("/popups", { headers: { accept: "application/json" } });
  } catch {
    return;
  }
  if (!answer.ok) return;
  const waiting = await answer.json();
  const ids = new Set(waiting.map((notice) => String(notice.id)));
  for (const shown of region.querySelectorAll("[data-popup]")) if (!ids.has(shown.dataset.popup)) shown.remove();
  const fresh = waiting.filter((notice) => !region.querySelector(`[data-popup="${notice.id}"]`));
  fresh.forEach(popUp);
  if (fresh.length) {
    region.classList.add("arrived");
    beep();
  }
  count();
}

// Confirming without leaving the page, so that nothing typed on it is lost.
async function confirmSeen(event) {
  if (!event.submitter || !("seenOnly" in event.submitter.dataset)) return;
  event.preventDefault();
  delete event.target.dataset.sent;
  const answer = await fetch(event.target.action, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(new FormData(event.target)),
  });
  if (answer.ok) event.target.closest("[data-popup]").remove();
  count();
}

tick();
setInterval(tick, 10_000);
document.addEventListener("submit", pressOnce);
window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
document.querySelector('form[action="/sign-out"]')?.addEventListener("submit", forgetDrafts);
if (page.person) keepDrafts();
document.querySelector("[aria-invalid]")?.focus();
if (region) {
  region.addEventListener("submit", confirmSeen);
  count();
  setInterval(look, 15_000);
}
