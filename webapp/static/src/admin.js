// What Flask-Admin's pages do beyond HTML: rows in a form, choosing all records, and telling that the person said yes.

// app.js asks before a form with data-confirm is sent; a submit that gets here was agreed to, so no second page asks.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-says-yes]") || form.elements.confirmed) return;
  const yes = document.createElement("input");
  yes.type = "hidden";
  yes.name = "confirmed";
  yes.value = "yes";
  form.append(yes);
});

document.addEventListener("change", (event) => {
  const name = event.target.dataset.checkAll;
  if (!name) return;
  for (const box of document.querySelectorAll(`input[type=checkbox][name="${name}"]`)) box.checked = event.target.checked;
});

// Names and ids of a new row follow those of the rows before it: lines-3 becomes lines-3-quantity and so on.
function addRow(block) {
  const rows = block.querySelector("[data-inline-rows]");
  const numbers = [...rows.children].map((row) => Number(row.dataset.inlineRow.split("-").pop()));
  const prefix = `${block.dataset.inline}-${Math.max(-1, ...numbers) + 1}`;
  const row = block.querySelector("template").content.firstElementChild.cloneNode(true);
  row.dataset.inlineRow = prefix;
  for (const attribute of ["name", "id", "for", "list"]) {
    for (const part of row.querySelectorAll(`[${attribute}]`)) {
      part.setAttribute(attribute, `${prefix}-${part.getAttribute(attribute)}`);
    }
  }
  for (const part of row.querySelectorAll("[hx-target]")) {
    part.setAttribute("hx-target", `#${prefix}-${part.getAttribute("hx-target").slice(1)}`);
  }
  rows.append(row);
  window.htmx.process(row);
  row.querySelector("input:not([type=hidden]), select")?.focus();
}

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-inline-add]");
  if (add) addRow(add.closest("[data-inline]"));
  const remove = event.target.closest("[data-inline-remove]");
  if (remove) {
    const block = remove.closest("[data-inline]");
    remove.closest("[data-inline-row]").remove();
    block.querySelector("[data-inline-add]").focus();
  }
});
