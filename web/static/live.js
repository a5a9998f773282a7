// Keeps an open page current: lights, counts and pop-ups arrive while it is looked at. Nothing that is typed is touched.
"use strict";

{
  const said = document.getElementById("live");
  const words = said.dataset;
  const WAITS = [1, 2, 4, 8, 15, 30];
  const QUIET_AFTER = 10_000;
  const SILENT_AFTER = 50_000;
  const card = document.querySelector(".ticket[data-ticket]")?.dataset;
  const own = Number(card?.ticket ?? location.pathname.match(/^\/tickets\/(\d+)/)?.[1]) || 0;
  const address = card?.page ?? (own ? `/tickets/${own}` : location.href);
  let shownVersion = Number(document.querySelector('.ticket input[name="version"]')?.value) || 0;
  let stream = null;
  let tries = 0;
  let again = null;
  let lost = null;
  let heard = Date.now();
  let ended = "";
  let marks = {};
  let counts = null;
  let renewing = null;
  const known = new Map();

  // One line per thing there is to say; the region exists from the start, so that assistive technology reads it.
  function say(what, text, link, href) {
    const line = said.querySelector(`[data-what="${what}"]`) ?? said.appendChild(element("p", { "data-what": what }));
    if (line.dataset.text === text) return;
    line.dataset.text = text;
    line.replaceChildren(`${text} `, ...(link ? [element("a", { href }, link)] : []));
  }

  function unsay(what) {
    said.querySelector(`[data-what="${what}"]`)?.remove();
  }

  function shownTickets() {
    const links = [...document.querySelectorAll(".line-subject")].map((link) => Number(link.dataset.ticket));
    return [...new Set([own, ...links])].filter(Boolean).slice(0, 100);
  }

  function connect() {
    clearTimeout(again);
    stream?.close();
    if (ended) return;
    stream = new EventSource(`/live?tickets=${shownTickets().join(",")}`);
    const hears = { hello, popup, waiting, counts: counted, ticket, bye, beat() {} };
    for (const [name, hear] of Object.entries(hears)) {
      stream.addEventListener(name, (event) => {
        heard = Date.now();
        hear(JSON.parse(event.data));
      });
    }
    stream.addEventListener("error", broken);
  }

  function hello(told) {
    marks = told.marks;
    tries = 0;
    clearTimeout(lost);
    lost = null;
    unsay("lost");
  }

  // Our own patience instead of the browser's: it grows, and a crowd does not come back all at once.
  async function broken() {
    stream.close();
    if (ended) return;
    lost ??= setTimeout(() => say("lost", words.lost), QUIET_AFTER);
    clearTimeout(again);
    again = setTimeout(connect, WAITS[Math.min(tries++, WAITS.length - 1)] * 1000 * (0.75 + Math.random() / 2));
    if (tries > 1 && (await signedOut())) bye({ why: "signed out" });
  }

  async function signedOut() {
    try {
      return (await fetch("/popups", { headers: { accept: "application/json" } })).status === 401;
    } catch {
      return false;
    }
  }

  function bye(told) {
    ended = told.why;
    stream.close();
    clearTimeout(again);
    clearTimeout(lost);
    lost = null;
    unsay("lost");
    if (ended === "signed out") say("ended", words.out, words.in, `/sign-in?next=${encodeURIComponent(address.replace(location.origin, ""))}`);
  }

  // A page that gave its line to a newer one, or slept, takes it up again when it is looked at.
  function wake() {
    if (document.hidden) return;
    if (ended === "elsewhere") ended = "";
    else if (ended || (stream?.readyState === EventSource.OPEN && Date.now() - heard < SILENT_AFTER)) return;
    tries = 0;
    connect();
  }

  function popup(notice) {
    if (region.querySelector(`[data-popup="${notice.id}"]`)) return;
    popUp(notice);
    region.classList.add("arrived");
    count();
    beep();
    tell(notice);
  }

  function waiting(told) {
    const ids = new Set(told.ids.map(String));
    for (const shown of region.querySelectorAll("[data-popup]")) if (!ids.has(shown.dataset.popup)) shown.remove();
    count();
  }

  function tell(notice) {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    try {
      const told = new Notification(`${notice.title || region.dataset.title}: ${notice.mark}`, { body: notice.subject, tag: String(notice.id) });
      told.onclick = () => {
        window.focus();
        location.href = notice.href;
      };
    } catch {
      // Some phones let only installed pages notify; the pop-up on the page is there all the same.
    }
  }

  function counted(told) {
    badge("/escalated", told.escalated);
    badge("/pool", told.pool);
    if (counts && JSON.stringify(counts) !== JSON.stringify(told)) renew();
    counts = told;
  }

  function badge(path, n) {
    const entry = document.querySelector(`.menu a[href="${path}"]`);
    if (!entry || n === null) return;
    const shown = entry.querySelector(".badge") ?? entry.appendChild(element("em", { class: "badge" }));
    shown.textContent = n;
    if (!n) shown.remove();
  }

  function ticket(told) {
    const before = known.get(told.number);
    known.set(told.number, told);
    let changed = Boolean(before);
    for (const place of places(told.number)) changed = show(place, told) || changed;
    if (told.number === own) {
      if (shownVersion && told.version > shownVersion) say("acted", acted(told), words.reload, address);
      shownVersion ||= told.version;
    }
    if (changed) renew();
  }

  function places(number) {
    const lines = [...document.querySelectorAll(`.line-subject[data-ticket="${number}"]`)].map((link) => link.closest(".line"));
    return number === own ? [document.querySelector(".ticket-head"), ...lines].filter(Boolean) : lines;
  }

  function show(place, told) {
    const changed = !place.classList.contains(`light-${told.light}`);
    if (changed) {
      place.className = place.className.replace(/\blight-[a-z]+/, `light-${told.light}`);
      const sign = place.querySelector(".line-light, .pill");
      sign.querySelector("svg").outerHTML = marks[told.light];
      sign.querySelector("span").textContent = told.word;
    }
    const shown = place.querySelector(".countdown");
    if (shown) {
      shown.outerHTML = told.countdown;
      const fresh = place.querySelector(".countdown");
      if ("left" in fresh.dataset) fresh.dataset.left = Number(fresh.dataset.left) + told.now - serverNow / 1000;
      tick();
    }
    return changed;
  }

  function acted(told) {
    if (told.own) return words.you;
    return told.by ? words.acted.replace("{}", told.by) : words.happened;
  }

  // What nobody types into is taken from the page as it is now; the rows of a list stay where the pointer expects them.
  function renew() {
    clearTimeout(renewing);
    renewing = setTimeout(async () => {
      let answer;
      try {
        answer = await fetch(address);
      } catch {
        return;
      }
      if (!answer.ok || answer.redirected) return;
      const now = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of [".chips:not(.subs, .templates)", ".chain", ".statuskette", ".week"]) swap(document.querySelector(part), now.querySelector(part));
      const listed = (page) => [...page.querySelectorAll("main .line-subject")].map((link) => link.getAttribute("href")).sort().join();
      if (!own && listed(document) !== listed(now)) say("list", words.list, words.reload, address);
      else unsay("list");
    }, 300 + Math.random() * 700);
  }

  function swap(old, fresh) {
    if (!old || !fresh || old.contains(document.activeElement)) return;
    const open = new Set([...old.querySelectorAll("details[open]")].map((one) => one.textContent));
    for (const one of fresh.querySelectorAll("details")) one.open = open.has(one.textContent);
    old.replaceWith(document.adoptNode(fresh));
  }

  // Asks only when its button is pressed, never by itself.
  function offerNotifications(offer) {
    const button = offer.querySelector("button");
    const hint = offer.querySelector("p");
    const state = () => {
      button.hidden = Notification.permission !== "default";
      if (button.hidden) hint.textContent = offer.dataset[Notification.permission];
    };
    offer.hidden = false;
    button.addEventListener("click", () => Notification.requestPermission().then(state));
    state();
  }

  // A link in a mail leads to its kind, also where that is folded up.
  function unfold() {
    const meant = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = meant && meant.closest("details:not([open])");
    if (!folded) return;
    folded.open = true;
    meant.scrollIntoView();
  }

  connect();
  setInterval(() => {
    if (!ended && stream.readyState === EventSource.OPEN && Date.now() - heard > SILENT_AFTER) broken();
  }, 10_000);
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  window.addEventListener("pageshow", (event) => event.persisted && wake());
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("hashchange", unfold);
  unfold();
  const offer = document.getElementById("browser-asks");
  if (offer && "Notification" in window) offerNotifications(offer);
}
