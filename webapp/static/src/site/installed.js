// The site as an app: registers its worker, offers to install it, tells of a new version, lists what can be read off line.
const LATER = "app-install-later"; // in the browser's own storage: the offer was turned down
const A_MONTH = 30 * 24 * 3600 * 1000;
const workers = navigator.serviceWorker;
const isSite = Boolean(document.querySelector(".site"));
const isOffered = Boolean(document.querySelector('link[rel="manifest"]'));

function find(name) {
  return document.querySelector(`[data-app-${name}]`);
}

function reveal(name) {
  const part = find(name);
  if (part) part.hidden = false;
}

// --- The worker ----------------------------------------------------------------------------------------------------

async function register() {
  const first = !workers.controller;
  const registration = await workers.register("/sw.js", { scope: "/", updateViaCache: "none" });
  watch(registration);
  if (first) {
    const ready = await workers.ready;
    ready.active?.postMessage({ type: "keep", path: location.pathname + location.search });
  }
}

function watch(registration) {
  const tell = () => {
    if (!registration.waiting || !workers.controller) return;
    reveal("update-box");
    find("update-now")?.addEventListener("click", () => registration.waiting?.postMessage({ type: "take-over" }), { once: true });
    workers.addEventListener("controllerchange", () => location.reload(), { once: true });
  };
  tell();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", (event) => event.target.state === "installed" && tell());
  });
}

// Where the room is closed nobody answers for the worker any more: it goes, with all it kept.
async function leave() {
  const registration = await workers.getRegistration("/");
  if (!registration) return;
  const answer = await fetch("/sw.js", { cache: "no-store" }).catch(() => null);
  if (!answer) return;
  if (answer.status === 404) {
    await registration.unregister();
    for (const name of await caches.keys()) if (name.startsWith("bottega-")) await caches.delete(name);
  } else {
    await registration.update();
  }
}

if (workers && isSite && window.isSecureContext) {
  window.addEventListener("load", () => (isOffered ? register() : leave()).catch(() => {}));
}

// --- The offer -----------------------------------------------------------------------------------------------------

function turnedDown() {
  try {
    return Date.now() - Number(localStorage.getItem(LATER) ?? 0) < 6 * A_MONTH;
  } catch {
    return true; // no storage: who turns it down would be asked on every page
  }
}

if (isOffered && !turnedDown()) {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    reveal("install");
    find("install-now")?.addEventListener(
      "click",
      async () => {
        find("install").hidden = true;
        await event.prompt();
      },
      { once: true },
    );
  });
  const isApple = /iphone|ipad|ipod/i.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  if (isApple && navigator.standalone === false) reveal("home");
}

window.addEventListener("appinstalled", () => {
  for (const part of document.querySelectorAll(".app-install")) part.hidden = true;
});

for (const button of document.querySelectorAll("[data-app-install-later]")) {
  button.addEventListener("click", () => {
    button.closest(".app-install").hidden = true;
    try {
      localStorage.setItem(LATER, String(Date.now()));
    } catch {
      // then it is offered again
    }
  });
}

// --- Off line ------------------------------------------------------------------------------------------------------

async function listKept(list) {
  const cache = await caches.open("bottega-pages");
  const pages = [];
  for (const request of await cache.keys()) {
    const html = await (await cache.match(request)).text();
    const title = new DOMParser().parseFromString(html, "text/html").title;
    pages.unshift({ title: title || request.url, url: request.url });
  }
  for (const { title, url } of pages) {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = title;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  if (pages.length) reveal("kept");
}

const kept = find("kept-pages");
if (kept && window.caches) {
  listKept(kept).catch(() => {});
  if (!location.pathname.endsWith("/offline")) window.addEventListener("online", () => location.reload());
}
find("retry")?.addEventListener("click", () => location.reload());
