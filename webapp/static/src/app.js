// What every page does beyond HTML: the CSRF header, confirmation, problems and messages, focus, small comforts.
import { isLive } from "./live.js";

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

function focusFirstProblem(root) {
  const field = root.querySelector("[aria-invalid=true]") ?? root.querySelector("[data-form-problem]");
  (field?.matches("fieldset") ? field.querySelector("input") : field)?.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { xhr, target } = event.detail;
  if (target?.id === "problems") target.scrollIntoView({ block: "nearest" });
  else if (xhr?.status === 422) focusFirstProblem(target?.isConnected ? target : document);
});

document.addEventListener("DOMContentLoaded", () => focusFirstProblem(document));

// --- Confirmation --------------------------------------------------------------------------------------------------

// Any link, button or form with data-confirm="Question?" asks first; data-confirm-label names the deed.
function ask(asker) {
  const dialog = document.getElementById("confirm-dialog");
  dialog.querySelector("[data-confirm-question]").textContent = asker.dataset.confirm;
  const yes = dialog.querySelector("button[value=yes]");
  yes.textContent = asker.dataset.confirmLabel || yes.dataset.label;
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

// Menus made of <details data-menu> close on Escape, on a click elsewhere, and when focus leaves them.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// <select data-autosubmit> sends its form when it changes; without JavaScript the form's button does.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});

// <input type=file data-max-megabytes data-too-large="…"> says so before a file that is too large is sent.
document.addEventListener("change", (event) => {
  const { maxMegabytes, tooLarge } = event.target.dataset;
  if (!maxMegabytes) return;
  const large = [...event.target.files].some((file) => file.size > Number(maxMegabytes) * 1024 * 1024);
  event.target.setCustomValidity(large ? tooLarge : "");
  event.target.reportValidity();
});

html.classList.add("has-js");

// The theme switch answers at once, without a page load; the form stays for browsers without JavaScript.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const choice = event.submitter?.value;
  if (!form.matches("[data-theme-switch]") || !choice) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  if (answer.type !== "opaqueredirect" && !answer.ok) return form.submit();
  html.dataset.bsTheme = choice;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
  document.dispatchEvent(new CustomEvent("themechange", { detail: { theme: choice } }));
});
