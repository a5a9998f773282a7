// Offers to show new mails; it never changes the page under the reader's hands.
const fresh = document.querySelector(".fresh");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await (await fetch("/count")).json();
    fresh.querySelector("a").hidden = answer.total <= Number(fresh.dataset.total);
  } catch {
    // The catcher is being restarted; the next look will find it.
  }
}

if (fresh) setInterval(look, 3000);
