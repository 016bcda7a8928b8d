// The pages of images in the back office: many files sent one by one with their progress, the focal point by a click.

// --- Uploading -----------------------------------------------------------------------------------------------------

function line(list, file, words) {
  const item = document.createElement("li");
  item.className = "upload-file";
  const picture = document.createElement("img");
  picture.className = "upload-thumbnail";
  picture.alt = "";
  picture.hidden = true;
  const name = document.createElement("strong");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.className = "progress";
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const state = document.createElement("span");
  state.className = "upload-state";
  state.textContent = words;
  item.append(picture, name, bar, state);
  list.append(item);
  return { picture, name, bar, state };
}

function refuse(shown, sentence) {
  shown.bar.remove();
  shown.state.textContent = sentence;
  shown.state.classList.add("text-bad");
}

function keep(shown, form, told) {
  shown.bar.remove();
  shown.picture.src = told.thumbnail;
  shown.picture.hidden = false;
  const link = document.createElement("a");
  link.href = told.address;
  link.textContent = form.dataset.describe;
  shown.state.replaceChildren(told.new ? "" : `${form.dataset.known} `, link);
}

function send(form, file, shown) {
  return new Promise((resolve) => {
    const data = new FormData();
    shown.state.textContent = "";
    data.append("csrf_token", form.elements.csrf_token.value);
    data.append("collection", form.elements.collection.value);
    data.append("tags", form.elements.tags.value);
    data.append("files", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) shown.bar.value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("loadend", () => {
      const told = request.response?.files?.[0];
      if (!told) refuse(shown, form.dataset.failed);
      else if (told.problem) refuse(shown, told.problem);
      else keep(shown, form, told);
      resolve(Boolean(told && !told.problem));
    });
    request.send(data);
  });
}

async function sendAll(form, files) {
  const list = form.querySelector("[data-upload-files]");
  const button = form.querySelector("button[type=submit]");
  const waiting = files.map((file) => [file, line(list, file, form.dataset.waits)]);
  button.disabled = true;
  for (const [file, shown] of waiting) {
    if (file.size > Number(form.dataset.maxBytes)) refuse(shown, form.dataset.tooLarge);
    else await send(form, file, shown);
  }
  button.disabled = false;
  form.elements.files.value = "";
}

for (const form of document.querySelectorAll("[data-image-upload]")) {
  form.addEventListener("submit", (event) => {
    const files = [...form.elements.files.files];
    if (!files.length) return;
    event.preventDefault();
    sendAll(form, files);
  });
  const place = form.querySelector("[data-drop]");
  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    place.classList.toggle("is-over", event.type !== "drop");
  };
  place.addEventListener("dragenter", over);
  place.addEventListener("dragover", over);
  place.addEventListener("dragleave", () => place.classList.remove("is-over"));
  place.addEventListener("drop", (event) => {
    over(event);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) sendAll(form, files);
  });
}

// --- Tags --------------------------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-known-word]")) {
  const input = document.getElementById(button.dataset.knownWord);
  const typed = () => input.value.split(/[,;]/).map((word) => word.trim()).filter(Boolean);
  const show = () => button.setAttribute("aria-pressed", typed().some((word) => word.toLowerCase() === button.textContent));
  input.addEventListener("input", show);
  button.addEventListener("click", () => {
    const others = typed().filter((word) => word.toLowerCase() !== button.textContent);
    if (others.length === typed().length) others.push(button.textContent);
    input.value = others.join(", ");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  show();
}

// --- The focal point -----------------------------------------------------------------------------------------------

for (const board of document.querySelectorAll("[data-focal-board]")) {
  const inputs = ["focal_x", "focal_y"].map((name) => document.querySelector(`[name=${name}]`));
  const ring = board.querySelector("ellipse");
  const mark = () => {
    for (const [place, axis] of ["cx", "cy"].entries()) {
      const value = Number(inputs[place].value);
      if (value >= 0 && value <= 100) ring.setAttribute(axis, value);
    }
  };
  for (const input of inputs) input.addEventListener("input", mark);
  board.addEventListener("click", (event) => {
    const frame = board.querySelector("img").getBoundingClientRect();
    const places = [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
    for (const [place, share] of places.entries()) {
      inputs[place].value = Math.round(100 * Math.min(Math.max(share, 0), 1));
    }
    mark();
  });
}
