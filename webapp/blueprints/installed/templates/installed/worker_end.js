// The site is not to be installed any more: this worker takes the place of the one before, forgets all it kept, and ends.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("bottega-")) await caches.delete(name);
      await self.registration.unregister();
    })(),
  );
});
