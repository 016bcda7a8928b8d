// The bar of consents: Escape closes it like its cross, and closing leaves the page as it is, with what was typed in it.
const bar = document.querySelector(".consent-bar");
const cross = bar?.querySelector(".btn-close");

async function close() {
  const answer = await fetch(cross.form.action, { method: "POST", body: new FormData(cross.form, cross), redirect: "manual" });
  if (answer.type !== "opaqueredirect") throw new Error(`the refusal was answered with ${answer.status}`);
  const within = bar.contains(document.activeElement);
  bar.remove();
  if (within) document.getElementById("content").focus({ preventScroll: true });
}

if (bar) {
  document.addEventListener("keydown", (event) => {
    const elsewhere = event.defaultPrevented || document.querySelector("dialog[open]");
    if (event.key === "Escape" && !elsewhere && bar.isConnected) cross.click();
  });
  cross.addEventListener("click", (event) => {
    event.preventDefault();
    close().catch(() => cross.form.requestSubmit(cross));
  });
}
