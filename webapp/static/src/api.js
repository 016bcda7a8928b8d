// The page of keys that sends requests to the API to try it out.

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function addressOf(form) {
  const address = new URL(form.action);
  let path = decodeURI(address.pathname);
  for (const control of form.querySelectorAll("[data-try-in]")) {
    const value = control.value.trim();
    if (control.dataset.tryIn === "path") path = path.replace(`{${control.name}}`, encodeURIComponent(value));
    else if (value) address.searchParams.append(control.name, value);
  }
  address.pathname = path;
  return address;
}

function askedBy(form) {
  const method = form.dataset.try.toUpperCase();
  const key = document.querySelector("[data-try-key]").value.trim();
  const body = form.querySelector("[data-try-body]")?.value;
  const headers = { Accept: "application/json" };
  if (key) headers.Authorization = `Bearer ${key}`;
  else if (method !== "GET") headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
  if (body) headers["Content-Type"] = "application/json";
  // with a key the cookie stays here: what is tried is what the program would get
  return { method, headers, body, credentials: key ? "omit" : "same-origin", cache: "no-store" };
}

function commandOf(address, asked) {
  const words = ["curl"];
  if (asked.method !== "GET") words.push("-X", asked.method);
  words.push("-H", '"Authorization: Bearer $KEY"');
  if (asked.body) words.push("-H", quoted("Content-Type: application/json"), "--data", quoted(asked.body));
  return [...words, quoted(address.href)].join(" ");
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function tryOut(form) {
  const place = form.parentElement.querySelector("[data-try-answer]");
  const status = place.querySelector("[data-try-status]");
  const text = place.querySelector("[data-try-text]");
  const address = addressOf(form);
  const asked = askedBy(form);
  place.querySelector("[data-try-command]").textContent = commandOf(address, asked);
  place.hidden = true; // what it says is no answer to this request
  const since = performance.now();
  try {
    const answer = await fetch(address, asked);
    text.textContent = readable(await answer.text());
    const took = Math.round(performance.now() - since);
    status.textContent = `${place.dataset.wordsStatus} ${answer.status} ${answer.statusText} · ${took} ms`;
  } catch {
    status.textContent = place.dataset.wordsFailed;
    text.textContent = "";
  }
  place.hidden = false;
}

for (const form of document.querySelectorAll("[data-try]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryOut(form);
  });
}
