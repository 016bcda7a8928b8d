// Galleries open their images in a dialog: arrows, Escape and swipes. Without this script each image is a plain link.

const SWIPE = 40; // pixels that a finger moves before it turns the page

let box;

function button(name, sign) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `lightbox-${name}`;
  made.textContent = sign;
  return made;
}

// The dialog is made when it is first needed; one serves all galleries of a page.
function lightbox() {
  if (box) return box;
  const dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  const stage = document.createElement("div");
  stage.className = "lightbox-stage";
  const bar = document.createElement("div");
  bar.className = "lightbox-bar";
  const count = document.createElement("span");
  count.setAttribute("aria-live", "polite");
  const close = button("close", "×");
  const place = document.createElement("div");
  place.className = "lightbox-picture";
  const words = document.createElement("p");
  words.className = "lightbox-words";
  const previous = button("previous", "‹");
  const next = button("next", "›");
  bar.append(count, close);
  stage.append(bar, place, words);
  dialog.append(stage, previous, next);
  document.body.append(dialog);
  box = { dialog, count, close, place, words, previous, next, links: [], at: 0 };

  close.addEventListener("click", () => dialog.close());
  previous.addEventListener("click", () => show(box.at - 1));
  next.addEventListener("click", () => show(box.at + 1));
  let turned = false; // by a swipe with the mouse, whose end is a click as well
  place.addEventListener("click", (event) => event.target === place && !turned && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(box.at - 1);
    else if (event.key === "ArrowRight") show(box.at + 1);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(box.links.length - 1);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    place.replaceChildren();
    document.documentElement.classList.remove("has-lightbox");
    box.links[box.at]?.focus();
  });
  let from = null;
  dialog.addEventListener("pointerdown", (event) => {
    from = event.isPrimary ? event.clientX : null;
    turned = false;
  });
  dialog.addEventListener("pointercancel", () => (from = null));
  dialog.addEventListener("pointerup", (event) => {
    const moved = from === null ? 0 : event.clientX - from;
    from = null;
    turned = Math.abs(moved) > SWIPE;
    if (turned) show(box.at + (moved < 0 ? 1 : -1));
  });
  return box;
}

// The picture of the gallery again, in all its formats, as wide as the window.
function large(link) {
  const made = link.querySelector("picture")?.cloneNode(true) ?? document.createElement("picture");
  let image = made.querySelector("img");
  if (!image) {
    image = document.createElement("img");
    made.append(image);
  }
  for (const each of made.querySelectorAll("source, img")) if (each.hasAttribute("srcset")) each.sizes = "100vw";
  if (!image.hasAttribute("srcset")) image.src = link.href;
  image.removeAttribute("loading");
  image.className = "";
  image.draggable = false; // else a swipe with the mouse would carry it away
  return made;
}

function show(wanted) {
  const { links } = box;
  if (!links.length) return;
  box.at = (wanted + links.length) % links.length;
  const link = links[box.at];
  box.place.replaceChildren(large(link));
  const { caption, credit } = link.dataset;
  box.words.textContent = [caption, credit].filter(Boolean).join(" · ");
  const { count } = link.closest("[data-lightbox]").dataset;
  box.count.textContent = count.replace("{at}", box.at + 1).replace("{all}", links.length);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-lightbox] a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented) return;
  event.preventDefault();
  const gallery = link.closest("[data-lightbox]");
  const open = lightbox();
  open.links = [...gallery.querySelectorAll("a[href]")];
  for (const name of ["close", "previous", "next"]) open[name].setAttribute("aria-label", gallery.dataset[name]);
  open.dialog.setAttribute("aria-label", gallery.getAttribute("aria-label") || document.title);
  open.previous.hidden = open.next.hidden = open.links.length < 2;
  show(open.links.indexOf(link));
  document.documentElement.classList.add("has-lightbox");
  open.dialog.showModal();
  open.close.focus();
});
