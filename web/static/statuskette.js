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
    if (kept && kept !== field.value && (!field.value || "prefilled" in field.dataset)) {
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

// A checklist is saved line by line. What the server has not confirmed stays on this device and is sent again.
class Checklist {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.lines = new Map();
    document.documentElement.classList.add("scripted");
    for (const place of form.querySelectorAll("[data-item]")) {
      const line = new ChecklistLine(this, place);
      this.lines.set(line.item, line);
      line.restore();
    }
    window.addEventListener("online", () => this.again());
    setInterval(() => this.again(), 10_000);
  }

  again() {
    for (const line of this.lines.values()) line.again();
  }

  // Says what the server knows now; a line that is being typed in keeps what is typed.
  told(answer) {
    const progress = this.form.querySelector("[data-progress]");
    if (progress.textContent !== answer.progress) progress.textContent = answer.progress;
    const missing = this.form.querySelector("[data-missing]");
    if (missing) {
      for (const link of missing.querySelectorAll("a")) link.parentElement.hidden = !answer.missing.includes(link.dataset.for);
      missing.hidden = !answer.missing.length;
    }
    for (const [item, told] of Object.entries(answer.lines)) this.lines.get(item)?.told(told);
  }
}

class ChecklistLine {
  constructor(checklist, place) {
    this.checklist = checklist;
    this.place = place;
    this.item = place.dataset.item;
    this.key = `statuskette:${page.person}:gate:${checklist.words.place}:${this.item}`;
    this.timer = 0;
    this.sending = false;
    this.file = null;
    this.unfit = "";
    place.addEventListener("input", (event) => this.typed(event, 1200));
    place.addEventListener("change", (event) => this.typed(event, 0));
    place.querySelector("[data-theirs]").addEventListener("click", () => this.take());
    place.querySelector("[data-mine]").addEventListener("click", () => this.insist());
    const drop = place.querySelector("[data-drop]");
    if (drop) this.watch(drop);
  }

  part(name) {
    return this.place.querySelector(`[data-${name}]`);
  }

  get now() {
    const data = new FormData(this.checklist.form);
    const read = (name) => (data.get(`${name}:${this.item}`) ?? this.was[name]).replaceAll("\r\n", "\n");
    return { value: read("value"), reason: read("reason") };
  }

  get was() {
    const read = (name) => this.place.querySelector(`[data-was="${name}"]`).value.replaceAll("\r\n", "\n");
    return { value: read("value"), reason: read("reason") };
  }

  set was(answer) {
    for (const name of ["value", "reason"]) this.place.querySelector(`[data-was="${name}"]`).value = answer[name];
  }

  show(answer) {
    for (const field of this.place.querySelectorAll("[name]")) {
      const [name, , before] = field.name.split(":");
      if (before || !(name in answer)) continue;
      if (field.type === "radio") field.checked = field.value === answer[name];
      else field.value = answer[name];
    }
  }

  same(one, other) {
    return one.value === other.value && one.reason === other.reason;
  }

  say(words, waiting = false) {
    const said = this.part("saved");
    if (said.textContent !== words) said.textContent = words;
    said.classList.toggle("is-waiting", waiting);
  }

  keep() {
    localStorage.setItem(this.key, JSON.stringify({ now: this.now, was: this.was }));
  }

  // What this device kept: sent again, unless somebody else wrote meanwhile; then both are shown.
  restore() {
    const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
    if (!kept) return;
    if (this.same(kept.now, this.was)) {
      localStorage.removeItem(this.key);
      return;
    }
    const shown = this.was;
    this.show(kept.now);
    this.say(this.checklist.words.restored, true);
    if (this.same(kept.was, shown)) this.send();
    else if (this.place.querySelector("[data-conflict]").hidden) this.send(kept.was);
  }

  typed(event, pause) {
    if (event.target.type === "file") {
      if (event.type === "change" && event.target.files.length) this.upload(event.target.files[0]);
      return;
    }
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  again() {
    if (this.sending) return;
    if (this.file) this.upload(this.file);
    else if (localStorage.getItem(this.key) && this.part("conflict").hidden && this.unfit !== JSON.stringify(this.now)) this.send();
  }

  async send(was = this.was) {
    clearTimeout(this.timer);
    if (this.sending) {
      this.timer = setTimeout(() => this.send(), 300);
      return;
    }
    const now = this.now;
    if (this.same(now, this.was)) {
      localStorage.removeItem(this.key);
      return;
    }
    this.sending = true;
    this.say(this.checklist.words.saving);
    const body = new URLSearchParams({
      csrf: page.csrf,
      [`value:${this.item}`]: now.value, [`value:${this.item}:was`]: was.value,
      [`reason:${this.item}`]: now.reason, [`reason:${this.item}:was`]: was.reason,
    });
    try {
      const answer = await fetch(this.checklist.words.saves, { method: "POST", headers: { accept: "application/json" }, body });
      await this.answered(answer);
    } catch {
      this.say(this.checklist.words.waiting, true);
    } finally {
      this.sending = false;
    }
  }

  async answered(answer) {
    if (answer.status === 401 || answer.status === 403) this.say(this.checklist.words.signedOut, true);
    else if ([200, 409, 422].includes(answer.status)) this.understood(await answer.json());
    else this.say(this.checklist.words.waiting, true);
  }

  understood(answer) {
    this.checklist.told(answer);
    if (answer.refused) this.say(answer.refused, true);
    this.unfit = this.same(this.now, this.was) ? "" : JSON.stringify(this.now);
  }

  told(told) {
    const problem = this.part("problem");
    const theirs = { value: told.value, reason: told.reason };
    if (told.conflict) {
      this.part("conflict").hidden = false;
      this.part("conflict-by").textContent = told.conflict.by;
      this.part("conflict-shown").textContent = told.conflict.shown;
      this.theirs = theirs;
      this.say(this.checklist.words.waiting, true);
      return;
    }
    if (this.same(this.now, this.was) && !this.same(this.now, theirs)) this.show(theirs);
    if (this.same(this.now, theirs)) {
      localStorage.removeItem(this.key);
      this.was = theirs;
      this.say(told.saved);
    }
    problem.textContent = told.problem;
    problem.hidden = !told.problem;
    this.place.classList.toggle("is-missing", told.missing);
    for (const field of this.place.querySelectorAll("[aria-invalid]")) if (!told.problem) field.removeAttribute("aria-invalid");
    if (told.file) this.filed(told.file);
  }

  take() {
    this.show(this.theirs ?? this.was);
    this.was = this.theirs ?? this.was;
    this.part("conflict").hidden = true;
    localStorage.removeItem(this.key);
    this.say("");
  }

  insist() {
    this.was = this.theirs ?? this.was;
    this.part("conflict").hidden = true;
    this.send();
  }

  watch(drop) {
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.add("is-over");
      });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("is-over");
      if (event.dataTransfer.files.length) this.upload(event.dataTransfer.files[0]);
    });
  }

  refuse(words) {
    const problem = this.part("problem");
    problem.textContent = words;
    problem.hidden = !words;
  }

  upload(file) {
    const words = this.checklist.words;
    this.file = null;
    if (file.size > 10 * 1024 * 1024) {
      this.refuse(words.large);
      return;
    }
    this.refuse("");
    const bar = this.place.querySelector("progress");
    const data = new FormData();
    data.append("csrf", page.csrf);
    data.append(`file:${this.item}`, file);
    const request = new XMLHttpRequest();
    request.open("POST", words.saves.replace(/answers$/, `items/${this.item}/file`));
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => { bar.value = event.total ? (100 * event.loaded) / event.total : 0; });
    request.addEventListener("load", () => {
      bar.hidden = true;
      this.sending = false;
      if (request.status === 413) this.refuse(words.large);
      else this.answered(new Response(request.responseText, { status: request.status })).then(() => this.chosen());
    });
    request.addEventListener("error", () => {
      bar.hidden = true;
      this.sending = false;
      this.file = file;
      this.say(words.waiting, true);
    });
    bar.hidden = false;
    bar.value = 0;
    this.sending = true;
    this.say(words.uploading);
    request.send(data);
  }

  // The field is emptied once its file is on the server, so that handing over does not send it twice.
  chosen() {
    this.place.querySelector('input[type="file"]').value = "";
  }

  filed(file) {
    const shown = this.part("filed");
    shown.hidden = false;
    shown.firstElementChild.href = file.href;
    shown.firstElementChild.textContent = file.name;
  }
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
  const link = element("a", { href: notice.href }, `${notice.mark} ${notice.subject}`);
  const form = element("form", { method: "post", action: `/popups/${notice.id}/seen` },
    element("input", { type: "hidden", name: "csrf", value: page.csrf }),
    element("button", { name: "open", value: "1" }, notice.life ? region.dataset.openCard : region.dataset.open),
    element("button", { class: "quiet", "data-seen-only": "" }, region.dataset.seen));
  region.append(element("div", { class: "popup", role: "alert", "data-popup": notice.id },
    element("p", {}, element("b", {}, `${notice.title || region.dataset.title}: `, link)),
    element("p", { class: "popup-why" }, notice.why), form));
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

// Somebody calls: from every page one chord leads to who it is.
function shortcut(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.code !== "KeyN") return;
  event.preventDefault();
  const caller = document.getElementById("find_customer");
  if (caller) caller.focus();
  else location.assign("/tickets/new");
}

tick();
setInterval(tick, 10_000);
if (page.person) document.addEventListener("keydown", shortcut);
document.addEventListener("submit", pressOnce);
window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
document.querySelector('form[action="/sign-out"]')?.addEventListener("submit", forgetDrafts);
if (page.person) keepDrafts();
for (const form of document.querySelectorAll("form[data-saves]")) new Checklist(form);
document.querySelector("[aria-invalid]")?.focus();
if (region) {
  region.addEventListener("submit", confirmSeen);
  count();
}
