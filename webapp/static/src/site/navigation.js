// The notice of the public site: one that was put away stays away until it changes, one that is over goes.
const notice = document.querySelector(".site-notice");
const KEY = "notice-put-away";

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

if (notice) {
  const fold = notice.querySelector("details");
  const over = notice.dataset.until && Date.parse(notice.dataset.until) <= Date.now();
  if (over || (fold && kept() === notice.dataset.notice)) notice.hidden = true;
  fold?.addEventListener("toggle", () => {
    if (fold.open) return;
    try {
      localStorage.setItem(KEY, notice.dataset.notice);
    } catch {
      return; // folded up all the same, on this page
    }
    notice.hidden = true;
    document.querySelector(".site-head .brand")?.focus();
  });
}
