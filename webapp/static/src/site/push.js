// The page of notifications: asks the browser only after a click, tells us what it wants, and takes it back.
const form = document.querySelector("[data-push]");

function say(name) {
  form.querySelector("[data-push-say]").textContent = form.dataset[name];
}

function show(part, visible) {
  form.querySelector(`[data-push-${part}]`).hidden = !visible;
}

async function send(path, data) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(data),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

function bytesOf(key) {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

function isSame(one, other) {
  const [a, b] = [new Uint8Array(one ?? []), other];
  return a.length === b.length && a.every((byte, place) => byte === b[place]);
}

function chosen() {
  return [...form.querySelectorAll("input[name=topic]:checked")].map((box) => Number(box.value));
}

function draw(topics) {
  for (const box of form.querySelectorAll("input[name=topic]")) {
    if (topics.length) box.checked = topics.includes(Number(box.value));
  }
  show("turn-on", !topics.length);
  show("change", topics.length);
  show("turn-off", topics.length);
}

async function subscription(key) {
  const { pushManager } = await navigator.serviceWorker.ready;
  const known = await pushManager.getSubscription();
  if (known && isSame(known.options.applicationServerKey, key)) return known;
  await known?.unsubscribe(); // it was made for a key that the house does not have any more
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function turnOn() {
  const topics = chosen();
  if (!topics.length) return say("pushNoTopic");
  if ((await Notification.requestPermission()) !== "granted") return say("pushDenied");
  const { key } = await send("/push/key", {});
  const mine = await subscription(bytesOf(key));
  const kept = await send("/push/subscription", {
    subscription: mine.toJSON(),
    topics,
    language: document.documentElement.lang,
  });
  draw(kept.topics);
  say("pushOn");
}

async function turnOff() {
  const { pushManager } = await navigator.serviceWorker.ready;
  const mine = await pushManager.getSubscription();
  if (mine) {
    await send("/push/subscription/end", { endpoint: mine.endpoint });
    await mine.unsubscribe();
  }
  draw([]);
  say("pushOff");
}

async function look() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const mine = await registration?.pushManager.getSubscription();
  if (!mine) return;
  const { topics } = await send("/push/subscription/topics", { endpoint: mine.endpoint });
  draw(topics);
  if (topics.length) say("pushOn");
}

function attempt(work) {
  return async (event) => {
    event?.preventDefault();
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      await work();
    } catch {
      say("pushFailed");
    }
    for (const button of buttons) button.disabled = false;
  };
}

if (form) {
  if ("PushManager" in window && "Notification" in window && navigator.serviceWorker) {
    form.addEventListener("submit", attempt(turnOn));
    form.querySelector("[data-push-turn-off]").addEventListener("click", attempt(turnOff));
    if (Notification.permission === "denied") say("pushDenied");
    look().catch(() => {});
  } else {
    form.addEventListener("submit", (event) => event.preventDefault());
    show("turn-on", false);
    say(/iphone|ipad|ipod/i.test(navigator.userAgent) ? "pushHome" : "pushUnable");
  }
}
