// The browser's talk with a passkey: the page has the questions as JSON, the answer goes back in its form.

const NOT_HERE = "SecurityError";

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function text(buffer) {
  if (!buffer) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function named(credentials) {
  return (credentials ?? []).map((credential) => ({ ...credential, id: bytes(credential.id) }));
}

function told(credential, response) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    extensions: JSON.stringify(credential.getClientExtensionResults()),
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  };
}

async function make(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    },
  });
  const { response } = credential;
  return told(credential, {
    attestationObject: text(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  });
}

async function use(options) {
  const credential = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) },
  });
  const { response } = credential;
  return told(credential, {
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: text(response.userHandle),
  });
}

function tell(form, name) {
  const box = form.querySelector("[data-passkey-problem]");
  const words = { InvalidStateError: "known", [NOT_HERE]: "impossible", unknown: "unknown" };
  box.textContent = box.dataset[words[name] ?? "refused"];
  box.hidden = false;
  form.querySelector("[data-passkey-waiting]").hidden = true;
  box.focus();
}

async function talk(form) {
  form.querySelector("[data-passkey-problem]").hidden = true;
  form.querySelector("[data-passkey-waiting]").hidden = false;
  if (!window.PublicKeyCredential) return tell(form, window.isSecureContext ? "unknown" : NOT_HERE);
  const options = JSON.parse(form.dataset.options);
  try {
    const answer = await (form.dataset.passkey === "create" ? make(options) : use(options));
    form.querySelector("[data-passkey-answer]").value = JSON.stringify(answer);
    form.submit();
  } catch (problem) {
    tell(form, problem.name);
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    talk(form);
  });
  talk(form);
}
