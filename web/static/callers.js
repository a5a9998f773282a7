// Finds the caller while somebody types, and sends with Ctrl+Enter. Without it the button beside the field finds.
"use strict";

class Callers {
  constructor(field) {
    this.field = field;
    this.words = field.dataset;
    this.list = document.getElementById(field.getAttribute("aria-controls"));
    this.status = document.getElementById("callers-status");
    this.place = document.getElementById("callers");
    this.timer = 0;
    this.asked = null;
    this.active = -1;
    this.nobody = false;
    field.addEventListener("input", () => this.typed());
    field.addEventListener("keydown", (event) => this.pressed(event));
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
  }

  get options() {
    return [...this.list.children];
  }

  typed() {
    clearTimeout(this.timer);
    this.nobody = false;
    this.timer = setTimeout(() => this.find(), 150);
  }

  async find() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.asked = new AbortController();
    const typed = this.field.value.trim();
    if (!typed) return this.close();
    try {
      const answer = await fetch(`/callers?q=${encodeURIComponent(typed)}`, {
        headers: { accept: "application/json" }, signal: this.asked.signal,
      });
      if (answer.ok) this.show(await answer.json());
    } catch (problem) {
      if (problem.name !== "AbortError") this.close();
    }
  }

  show(found) {
    this.list.replaceChildren(...found.map((one, n) =>
      element("li", { role: "option", id: `found-${n}`, "aria-selected": "false", "data-id": one.id },
        element("b", {}, one.name), element("span", {}, one.reach))));
    this.nobody = !found.length;
    this.status.textContent = found.length ? this.words.some.replace("{}", found.length) : this.words.none;
    this.status.classList.toggle("unseen", Boolean(found.length));
    this.active = -1;
    this.open(Boolean(found.length));
  }

  open(is) {
    this.list.hidden = !is;
    this.field.setAttribute("aria-expanded", String(is));
    if (!is) this.field.removeAttribute("aria-activedescendant");
  }

  close() {
    this.open(false);
    this.active = -1;
  }

  mark(n) {
    const options = this.options;
    this.active = (n + options.length) % options.length;
    for (const [place, one] of options.entries()) one.setAttribute("aria-selected", String(place === this.active));
    this.field.setAttribute("aria-activedescendant", options[this.active].id);
    options[this.active].scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const is = !this.list.hidden;
    if (event.key === "Enter") {
      event.preventDefault();
      if (is) this.choose(this.options[Math.max(this.active, 0)]);
      else if (this.nobody) this.takeOver();
      else this.find();
    } else if (event.key === "Escape" && is) {
      event.preventDefault();
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (is) this.mark(event.key === "ArrowDown" ? this.active + 1 : Math.max(this.active, 0) - 1);
      else this.find();
    }
  }

  async choose(option) {
    if (!option) return;
    this.close();
    const answer = await fetch(`/callers/${option.dataset.id}`);
    if (!answer.ok) return;
    this.place.innerHTML = await answer.text();
    this.place.hidden = false;
    this.field.value = option.firstElementChild.textContent;
    const open = this.place.querySelectorAll("[name=callback]").length;
    this.status.textContent = open ? this.words.open.replace("{}", open) : "";
    this.status.classList.add("unseen");
    document.getElementById("subject").focus();
  }

  // Nobody is called like this yet: what was typed goes where it belongs.
  takeOver() {
    const typed = this.field.value.trim();
    const name = typed.includes("@") ? "customer_email" : /^\+?[\d ()/.-]+$/.test(typed) ? "customer_phone" : "customer_name";
    const somebodyElse = this.place.querySelector("[value=new]");
    if (somebodyElse) somebodyElse.checked = true;
    document.getElementById(name).value = typed;
    this.field.value = "";
    this.nobody = false;
    this.status.textContent = "";
    document.getElementById(name === "customer_name" ? "customer_phone" : "customer_name").focus();
  }
}

for (const field of document.querySelectorAll("[data-finds]")) new Callers(field);
for (const form of document.querySelectorAll("form[data-quick]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector(".default-button"));
  });
}
