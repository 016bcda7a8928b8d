// Parts of a page that ask for themselves again (data-live): quietly, and never under the hands of who works with them.

let pressed = false; // a mouse button, a finger or a key is down: its click belongs to what stands there now
for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => (pressed = true), true);
for (const name of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(name, () => (pressed = false), true);

// Whether an event of HTMX belongs to such a part's own refresh, not to a button inside of it.
export function isLive(event) {
  return Boolean(event.detail.requestConfig?.elt?.matches("[data-live]"));
}

// A question is open, something is pressed, or words are being marked to be copied: the next refresh will do.
function isBusyWith(live) {
  const marked = getSelection();
  const marking = marked && !marked.isCollapsed && live.contains(marked.anchorNode);
  return pressed || marking || Boolean(document.querySelector("dialog[open]"));
}

const opened = new Map(); // id of a <details> -> whether the person has it open
let held = false; // the focus stands inside
let troubled = false; // the last refresh failed, and the person was told so once

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isLive(event) && (document.hidden || isBusyWith(event.detail.elt))) swallow(event);
});

document.addEventListener("htmx:sendError", (event) => {
  if (!isLive(event)) return;
  if (troubled) swallow(event);
  troubled = true;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isLive(event)) return;
  const live = event.detail.requestConfig.elt;
  const failed = event.detail.xhr.status >= 400;
  if (failed ? troubled : isBusyWith(live)) return swallow(event);
  if (troubled) document.getElementById("problems")?.replaceChildren();
  troubled = failed;
  held = !failed && live.contains(document.activeElement);
});

// What the person folded or unfolded stays so, in whatever part of the page comes anew.
document.addEventListener("htmx:beforeSwap", (event) => {
  opened.clear();
  for (const details of event.detail.target.querySelectorAll("details[id]")) opened.set(details.id, details.open);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const [id, open] of opened) {
    const details = document.getElementById(id);
    if (details && details.open !== open) details.open = open;
  }
});

// What had the focus keeps it by its id; when it is gone, the part itself gets it rather than the top of the page.
document.addEventListener("htmx:afterSettle", (event) => {
  if (!isLive(event) || !held) return;
  held = false;
  const live = document.getElementById(event.detail.requestConfig.elt.id);
  if (document.activeElement === document.body) live?.focus({ preventScroll: true });
});
