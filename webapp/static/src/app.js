// What every page does beyond HTML: the CSRF header, confirmation, problems and messages, focus, small comforts.
import { focusFirstProblem } from "./forms.js";
import { isLive } from "./live.js";
import "./menus.js";
import "./theme.js";

const html = document.documentElement;

function text(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content ?? "";
}

// --- Requests ------------------------------------------------------------------------------------------------------

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = text("csrf-token");
});

let running = 0;

function count(change) {
  running = Math.max(0, running + change);
  html.classList.toggle("is-loading", running > 0);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isLive(event)) return;
  count(1);
  event.detail.target?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (isLive(event)) return;
  count(-1);
  event.detail.target?.removeAttribute("aria-busy");
  const wrote = event.detail.requestConfig?.verb !== "get";
  if (event.detail.successful && event.detail.xhr.status < 400 && wrote) document.getElementById("problems")?.replaceChildren();
});

// A problem that is not a form's own (422) is told above the page; what the person was working on stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status < 400 || xhr.status === 422) return;
  const problems = document.getElementById("problems");
  if (!problems || requestConfig?.headers?.["HX-History-Restore-Request"]) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
  event.detail.target = problems;
  event.detail.swapOverride = "innerHTML";
});

document.addEventListener("htmx:sendError", () => tell(text("message-offline"), "danger"));
document.addEventListener("htmx:timeout", () => tell(text("message-offline"), "danger"));

// --- Messages ------------------------------------------------------------------------------------------------------

// Shows a message above the page and has it read out. The response header HX-Trigger: {"flash": {"message": …}} does it.
function tell(message, kind = "success") {
  const place = document.getElementById(kind === "danger" ? "problems" : "flashes");
  if (!place || !message) return;
  const box = document.createElement("div");
  box.className = `alert alert-${kind} alert-dismissible`;
  box.append(message, closeButton());
  place.replaceChildren(box);
}

function closeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn-close";
  button.dataset.bsDismiss = "alert";
  button.setAttribute("aria-label", text("message-close"));
  return button;
}

document.addEventListener("flash", (event) => tell(event.detail.message, event.detail.kind));

// --- Focus ---------------------------------------------------------------------------------------------------------

document.addEventListener("htmx:afterSettle", (event) => {
  const { xhr, target } = event.detail;
  if (target?.id === "problems") target.scrollIntoView({ block: "nearest" });
  else if (xhr?.status === 422) focusFirstProblem(target?.isConnected ? target : document);
});

// --- Confirmation --------------------------------------------------------------------------------------------------

// Any link, button or form with data-confirm="Question?" asks first; data-confirm-label names the deed,
// data-confirm-look="primary" tells that it destroys nothing.
function ask(asker) {
  const dialog = document.getElementById("confirm-dialog");
  dialog.querySelector("[data-confirm-question]").textContent = asker.dataset.confirm;
  const yes = dialog.querySelector("button[value=yes]");
  yes.textContent = asker.dataset.confirmLabel || yes.dataset.label;
  yes.className = `btn btn-${asker.dataset.confirmLook || "danger"}`;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const agreed = new WeakSet();

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const asker = submitter?.dataset.confirm ? submitter : form.dataset.confirm ? form : null;
    if (!asker || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(asker)) {
      agreed.add(form);
      form.requestSubmit(submitter);
    }
  },
  true,
);

document.addEventListener(
  "click",
  async (event) => {
    const link = event.target.closest("a[data-confirm]");
    if (!link || agreed.delete(link)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(link)) {
      agreed.add(link);
      link.click();
    }
  },
  true,
);

document.addEventListener("htmx:confirm", async (event) => {
  const asker = event.detail.elt;
  const submitted = event.detail.triggeringEvent?.type === "submit";
  if (submitted || asker.matches("a") || !asker.dataset.confirm) return;
  event.preventDefault();
  if (await ask(asker)) event.detail.issueRequest(true);
});

// --- Small comforts ------------------------------------------------------------------------------------------------

// <tr data-row-link>: a click anywhere in the row follows its first link; the link itself serves keyboard and readers.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row-link]");
  if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, textarea, label, summary")) return;
  if (String(window.getSelection())) return;
  row.querySelector("a[href]")?.click();
});

html.classList.add("has-js");

// The box in the head of a list chooses all boxes below it.
document.addEventListener("change", (event) => {
  const all = event.target.closest?.("[data-choose-all]");
  if (!all) return;
  for (const box of document.querySelectorAll("input[name=chosen]")) {
    if (box.getAttribute("form") === all.dataset.chooseAll) box.checked = all.checked;
  }
});

// A text to be taken elsewhere: chosen whole as soon as it is entered, and copied by the button beside it.
document.addEventListener("focusin", (event) => event.target.closest("[data-select-all]")?.select());

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value);
    button.querySelector("[data-copy-label]").textContent = button.dataset.copied;
  } catch {
    source.focus(); // not a secure context: the text is selected, to be copied by hand
  }
});
