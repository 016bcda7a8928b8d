// The worker of the public site: pages that were visited can be read off line. It keeps nothing that is not everybody's.
"use strict";
const SETTINGS = {{ settings | tojson }};
const SHELL = `bottega-shell-${SETTINGS.version}`; // the pages shown off line, and the icons
const PAGES = "bottega-pages"; // what was visited
const PARTS = "bottega-parts"; // style sheets and scripts, of older versions too: an older page needs them
const PICTURES = "bottega-pictures";
const MOST = { [PAGES]: 60, [PARTS]: 40, [PICTURES]: 120 };
const LARGEST = 3 * 1024 * 1024; // bytes of one answer
const PATIENCE = 8000; // milliseconds after which a page that was visited is shown as it was
const STALE = 3600 * 1000; // an off-line page older than this is fetched again when there is a connection
const PRIVATE = /^\/(backoffice|admin|api|account|login|logout|preferences|proof|join)(\/|$)/;
const languages = Object.keys(SETTINGS.offline);

self.addEventListener("install", (event) => event.waitUntil(prepare()));

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const kept = [SHELL, ...Object.keys(MOST)];
      for (const name of await caches.keys()) {
        if (name.startsWith("bottega-") && !kept.includes(name)) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "take-over") self.skipWaiting();
  if (event.data?.type === "keep" && isPage(new URL(event.data.path, self.location))) {
    event.waitUntil(refresh(event.data.path));
  }
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || PRIVATE.test(url.pathname)) return;
  if (request.headers.has("range") || request.headers.has("authorization")) return;
  if (request.mode === "navigate") {
    if (isPage(url) || url.pathname === "/") event.respondWith(answerPage(event, url));
  } else if (["style", "script", "font"].includes(request.destination) || url.pathname.endsWith("/icons.svg")) {
    event.respondWith(answerPart(event, PARTS));
  } else if (request.destination === "image") {
    event.respondWith(answerPart(event, PICTURES));
  }
});

// Whether an address is one of the public pages: they have their language in front.
function isPage(url) {
  return url.origin === self.location.origin && languages.includes(url.pathname.split("/")[1]);
}

// What may be kept: whole, ours, and not said to be for one person alone.
function mayKeep(response) {
  const rules = response.headers.get("Cache-Control") ?? "";
  const size = Number(response.headers.get("Content-Length") ?? 0);
  return response.status === 200 && response.type === "basic" && !response.redirected && size <= LARGEST && !/no-store|private/.test(rules);
}

async function keep(name, key, response) {
  try {
    const cache = await caches.open(name);
    await cache.delete(key);
    await cache.put(key, response);
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST[name]))) await cache.delete(old);
  } catch {
    // the device has no room left: then this is not kept
  }
}

// From the network; as it was last seen when that fails or takes too long; the off-line page when it was never seen.
async function answerPage(event, url) {
  const key = url.pathname + url.search;
  const kept = await caches.match(key, { cacheName: PAGES });
  const fetched = fetch(event.request).then((response) => {
    if (mayKeep(response) && (response.headers.get("Content-Type") ?? "").startsWith("text/html")) {
      event.waitUntil(keep(PAGES, key, response.clone()));
      event.waitUntil(renew());
    } else if (response.status === 404 || response.status === 410) {
      event.waitUntil(caches.open(PAGES).then((cache) => cache.delete(key)));
    }
    return response;
  });
  try {
    if (!kept) return await fetched;
    event.waitUntil(fetched.catch(() => {}));
    return (await Promise.race([fetched, after(PATIENCE)])) ?? kept;
  } catch {
    return kept ?? (await caches.match(offlinePath(url), { cacheName: SHELL })) ?? Response.error();
  }
}

function after(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, null));
}

function offlinePath(url) {
  return SETTINGS.offline[url.pathname.split("/")[1]] ?? SETTINGS.offline[languages[0]];
}

// As it is kept; else from the network, and kept if the server says that it stays the same for an hour at least.
async function answerPart(event, name) {
  const kept = (await caches.match(event.request, { cacheName: name })) ?? (await caches.match(event.request, { cacheName: SHELL }));
  if (kept) return kept;
  const response = await fetch(event.request);
  const age = Number(/max-age=(\d+)/.exec(response.headers.get("Cache-Control") ?? "")?.[1] ?? 0);
  if (mayKeep(response) && age >= 3600) event.waitUntil(keep(name, event.request, response.clone()));
  return response;
}

// A page as a stranger gets it: who is signed in here is nobody's business off line.
function fetchForAll(path) {
  return fetch(path, { credentials: "omit", cache: "no-cache", redirect: "error" });
}

async function refresh(path) {
  try {
    const response = await fetchForAll(path);
    if (mayKeep(response)) await keep(PAGES, path, response);
  } catch {
    // no connection: nothing to keep
  }
}

async function prepare() {
  const shell = await caches.open(SHELL);
  const parts = new Set();
  for (const path of Object.values(SETTINGS.offline)) {
    const response = await fetchForAll(path);
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    const html = await response.clone().text();
    for (const [, address] of html.matchAll(/(?:href|src)="(\/(?:static|branding)[^"#]*)/g)) parts.add(address.replaceAll("&amp;", "&"));
    await shell.put(path, response);
  }
  await shell.addAll(SETTINGS.icons);
  await Promise.all(
    [...parts].map(async (address) => {
      if (await caches.match(address, { cacheName: PARTS })) return;
      const response = await fetch(address).catch(() => null);
      if (response?.ok) await keep(PARTS, address, response);
    }),
  );
}

// The off-line pages say what the company is like today, not what it was like when the worker came.
async function renew() {
  const shell = await caches.open(SHELL);
  for (const path of Object.values(SETTINGS.offline)) {
    const kept = await shell.match(path);
    if (kept && Date.now() - Date.parse(kept.headers.get("Date") ?? 0) < STALE) continue;
    const response = await fetchForAll(path).catch(() => null);
    if (response?.ok) await shell.put(path, response);
  }
}
{% for part in further %}
{{ part }}
{% endfor %}
