// Finds snippets while an answer is written, and inserts one at the cursor. Without it a link leads to the same search.
"use strict";

for (const finder of document.querySelectorAll(".finder")) {
  const WAIT = 150;
  const words = finder.dataset;
  const text = document.getElementById(words.into);
  const [input, list, said] = ["input", ".finder-hits", "[role=status]"].map((part) => finder.querySelector(part));
  let hits = [];
  let chosen = -1;
  let timer = 0;
  let asked = 0;

  finder.querySelector(".finder-link").hidden = true;
  finder.querySelector(".finder-field").hidden = false;

  const written = (pieces) => pieces.map(([piece, hit]) => (hit ? element("mark", {}, piece) : piece));

  function show(found) {
    hits = found;
    list.replaceChildren(
      ...hits.map((hit, n) => {
        const option = element("li", { role: "option", id: `${list.id}-${n}`, "aria-selected": "false" });
        const title = element("b", {});
        const excerpt = element("span", {});
        title.append(...written(hit.title));
        excerpt.append(...written(hit.excerpt));
        option.append(title, excerpt);
        return option;
      }),
    );
    list.hidden = !hits.length;
    input.setAttribute("aria-expanded", String(Boolean(hits.length)));
    choose(hits.length ? 0 : -1);
  }

  function choose(n) {
    chosen = n;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === n)));
    if (n < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[n].id);
    list.children[n].scrollIntoView({ block: "nearest" });
  }

  // Only the newest question is answered: an earlier one may come back later.
  async function ask() {
    const mine = ++asked;
    const query = input.value.trim();
    if (query.length < 2) {
      said.textContent = "";
      return show([]);
    }
    try {
      const answer = await fetch(`/knowledge/hits?ticket=${words.ticket}&q=${encodeURIComponent(query)}`, { headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const found = await answer.json();
      if (mine !== asked) return;
      show(found);
      said.textContent = found.length ? words.found.replace("{}", found.length) : words.nothing;
    } catch {
      if (mine !== asked) return;
      show([]);
      said.textContent = words.lost;
    }
  }

  function close() {
    asked++;
    clearTimeout(timer);
    show([]);
  }

  // The browser's own way of inserting, so that it can be undone; a draft is kept as if it had been typed.
  function insert(n) {
    const hit = hits[n];
    if (!hit) return;
    close();
    input.value = "";
    said.textContent = words.inserted;
    text.focus();
    if (!document.execCommand("insertText", false, hit.text)) {
      text.setRangeText(hit.text, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      insert(chosen);
    } else if (event.key === "Escape" && hits.length) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && hits.length) {
      event.preventDefault();
      choose((chosen + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => insert([...list.children].indexOf(event.target.closest("li"))));
  input.addEventListener("blur", close);
}
