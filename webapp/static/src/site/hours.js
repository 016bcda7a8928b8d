// Keeps "Open now · closes at 19:30" true while a page stays open, or was kept: the server gave the sentences of eight days.
// data-hours: [[from this second on, open or not, sentence], …], the first one from when the page was made.

const EVERY = 20_000;

function follow(place) {
  const words = place.querySelector("[data-hours-words]");
  const turns = JSON.parse(place.dataset.hours);
  const midnight = Number(place.dataset.hoursMidnight); // the end of the day that the page speaks of, there
  const today = place.parentElement.querySelectorAll("[data-hours-today]");

  function look() {
    const now = Date.now() / 1000;
    const [, open, sentence] = turns.filter(([since]) => since <= now).at(-1) ?? turns[0];
    if (words.textContent !== sentence) words.textContent = sentence;
    place.classList.toggle("hours-open", open === 1);
    place.hidden = sentence === ""; // kept for more than eight days: nothing is said rather than something wrong
    if (now >= midnight) for (const each of today) each.hidden = true; // it is over
  }

  look();
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}

for (const place of document.querySelectorAll("[data-hours]")) follow(place);
