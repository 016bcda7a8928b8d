// The theme switch answers at once, without a page load; the form stays for browsers without JavaScript.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const choice = event.submitter?.value;
  if (!form.matches("[data-theme-switch]") || !choice) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  if (answer.type !== "opaqueredirect" && !answer.ok) return form.submit();
  document.documentElement.dataset.bsTheme = choice;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
  document.dispatchEvent(new CustomEvent("themechange", { detail: { theme: choice } }));
});
