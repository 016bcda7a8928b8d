// What forms do on every page, public or not.

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

// The first field with a problem, or the sentence about the whole form, gets the focus.
export function focusFirstProblem(root) {
  const field = root.querySelector("[aria-invalid=true]") ?? root.querySelector("[data-form-problem]");
  (field?.matches("fieldset") ? field.querySelector("input") : field)?.focus();
}

document.addEventListener("DOMContentLoaded", () => focusFirstProblem(document));
