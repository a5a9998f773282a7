// Keeps the progress of an import current while its page is open; once it is done, the page shows what was refused.
"use strict";

{
  const shown = document.getElementById("importing");
  const bar = shown.querySelector("progress");
  const words = shown.querySelector("[data-words]");
  const EVERY = 1_000;
  const AFTER_A_MISHAP = 5_000;

  async function look() {
    let wait = EVERY;
    try {
      const answer = await fetch(shown.dataset.progress, { headers: { accept: "application/json" } });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      const told = await answer.json();
      if (told.done) return location.reload();
      bar.max = told.total;
      bar.value = told.settled;
      if (words.textContent !== told.words) words.textContent = told.words;
      for (const count of shown.querySelectorAll("[data-count]")) count.textContent = told[count.dataset.count];
    } catch {
      wait = AFTER_A_MISHAP;
    }
    setTimeout(look, wait);
  }

  setTimeout(look, EVERY);
}
