// Forms of the public site: once one comes into sight, a signed moment is fetched for it, by which the house tells people
// from programs. The page itself is the same for everybody and knows no time; without this script the form works too.
async function stampIt(form) {
  const field = form.elements.namedItem("stamp");
  if (!field || field.value) return;
  try {
    const answer = await fetch(form.dataset.timed, { credentials: "omit", cache: "no-store" });
    if (answer.ok) field.value = await answer.text();
  } catch {
    // off line: the form can be sent without
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    stampIt(target);
  }
});

for (const form of document.querySelectorAll("form[data-timed]")) seen.observe(form);
