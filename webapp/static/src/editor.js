// The editor of the public site: lists that are dragged, a draft that saves itself, and who else is here.
import Sortable from "sortablejs";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

// --- Lists that are dragged ----------------------------------------------------------------------------------------

// <ol data-sortable>: after a drop its form is sent; data-sortable="quiet" only tells the form that it changed.
// Between lists that have a number in data-under entries can be carried: the form then says which one was put under which.
function makeSortable(list) {
  const handle = list.querySelector(":scope > li [data-handle]") ? "[data-handle]" : undefined;
  const { under } = list.dataset;
  list.classList.add("is-sortable");
  Sortable.create(list, {
    draggable: "li",
    handle,
    filter: handle ? undefined : "input, textarea, select, button, a, summary",
    preventOnFilter: false,
    delay: handle ? 0 : 200, // a finger must be able to scroll where no handle says what is dragged
    delayOnTouchOnly: true,
    group: under && "under",
    fallbackOnBody: true,
    invertSwap: true, // upper half: before, lower half: after, however tall what is carried and what it is carried over
    swapThreshold: under ? 0.6 : 1, // what is left of a line is where another can be put below it
    emptyInsertThreshold: 0,
    animation: calm.matches ? 0 : 120,
    onStart: () => list.closest("form")?.classList.add("is-carrying"),
    onEnd(event) {
      const form = list.closest("form");
      form?.classList.remove("is-carrying");
      if (!form || (event.from === event.to && event.oldIndex === event.newIndex)) return;
      if (event.from !== event.to) {
        const put = form.querySelector('input[name="put"]') ?? form.appendChild(document.createElement("input"));
        const number = event.item.querySelector('input[name="order"]').value;
        Object.assign(put, { type: "hidden", name: "put", value: `${number}:${event.to.dataset.under}` });
      }
      if (list.dataset.sortable === "quiet") {
        renumber(list);
        form.dispatchEvent(new Event("input", { bubbles: true }));
      } else form.requestSubmit();
    },
  });
}

// The buttons of an entry are called by its place in the list: "Move block 3 up".
function renumber(list) {
  for (const [place, entry] of [...list.children].entries()) {
    for (const button of entry.querySelector(".site-moves")?.children ?? []) {
      const name = button.getAttribute("aria-label").replace(/\d+/, place + 1);
      button.setAttribute("aria-label", name);
      if (button.title) button.title = name;
    }
  }
}

document.querySelectorAll("[data-sortable]").forEach(makeSortable);

// --- A draft that saves itself -------------------------------------------------------------------------------------

const QUIET = 3000; // after the last change, milliseconds
const form = document.querySelector("form[data-autosave]");

if (form) {
  const told = form.querySelector("[data-autosaved]");
  let changed = false;
  let timer = 0;
  let running = null;

  const say = (words, wrong = false) => {
    told.textContent = words;
    told.classList.toggle("text-danger", wrong);
  };

  async function save() {
    if (running) return;
    changed = false;
    say(form.dataset.saving);
    const body = new FormData(form);
    body.append("autosave", "1");
    running = new AbortController();
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: running.signal, credentials: "same-origin" });
      const news = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
      if (answer.ok && news.version) {
        for (const field of document.querySelectorAll('input[name="version"]')) field.value = news.version;
        say(news.saved);
      } else {
        changed = true;
        say(news.problem ?? form.dataset.failed, true);
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      changed = true;
      say(form.dataset.failed, true);
    } finally {
      running = null;
    }
    if (changed && !told.classList.contains("text-danger")) wait();
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
  }

  form.addEventListener("input", () => {
    changed = true;
    wait();
  });

  // A button's own request must meet the version that it was shown: an autosave under way comes first.
  let waited = false;
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (running && !waited) {
      event.preventDefault();
      waited = true;
      const again = setInterval(() => {
        if (running) return;
        clearInterval(again);
        form.requestSubmit(event.submitter);
      }, 50);
      return;
    }
    changed = false;
  });

  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

// --- Who else is here ----------------------------------------------------------------------------------------------

const place = document.querySelector("[data-here]");

if (place) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.here, { method: "POST", headers: { "X-CSRFToken": token } });
      if (!answer.ok) return;
      const text = await answer.text();
      if (text.trim() !== place.dataset.seen) {
        place.dataset.seen = text.trim();
        const parsed = new DOMParser().parseFromString(text, "text/html");
        place.replaceChildren(...parsed.body.childNodes);
      }
    } catch {
      // off line: the next look tells
    }
  };
  look();
  setInterval(look, 30_000);
}
