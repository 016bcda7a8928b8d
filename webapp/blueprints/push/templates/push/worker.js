// A push is shown as a notification; a tap on it opens its page.
self.addEventListener("push", (event) => {
  let told;
  try {
    told = event.data.json();
  } catch {
    return; // not from us
  }
  const [icon, badge] = SETTINGS.icons;
  event.waitUntil(
    self.registration.showNotification(String(told.title ?? ""), {
      body: String(told.body ?? ""),
      lang: String(told.language ?? ""),
      tag: String(told.tag ?? ""),
      data: { link: String(told.link ?? "/") },
      icon,
      badge,
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data?.link ?? "/", self.location);
  if (target.origin !== self.location.origin) return;
  event.waitUntil(openPage(target.href));
});

// In a window of the site's public pages that is there already, else in a new one: nobody's work in the office is left.
async function openPage(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const free = windows.find((each) => each.url === address) ?? windows.find((each) => !PRIVATE.test(new URL(each.url).pathname));
  if (!free) return self.clients.openWindow(address);
  if (free.url !== address) await free.navigate(address);
  return free.focus().catch(() => null);
}

self.addEventListener("pushsubscriptionchange", (event) => {
  const addresses = {{ addresses | tojson }};
  const send = (address, data) =>
    fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) });
  event.waitUntil(
    (async () => {
      const endpoint = event.oldSubscription?.endpoint;
      if (!endpoint) return;
      let fresh = event.newSubscription;
      if (!fresh) {
        const { key } = await (await send(addresses.key, {})).json();
        fresh = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      }
      await send(addresses.replace, { endpoint, subscription: fresh.toJSON() });
    })(),
  );
});
