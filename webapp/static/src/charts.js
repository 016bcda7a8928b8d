// Draws the charts of a page: Vega-Lite specs from <script type="application/json">, without eval and inline styles.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";
import "./charts.css";

const html = document.documentElement;
const device = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map(); // figure -> {result, at}

function mode() {
  const theme = html.dataset.bsTheme;
  return theme === "dark" || (theme !== "light" && device.matches) ? "dark" : "light";
}

function read(root, selector) {
  const script = root.querySelector(selector);
  return script ? JSON.parse(script.textContent) : null;
}

// --- Drawing -------------------------------------------------------------------------------------------------------

async function draw(figure, settings) {
  const spec = read(figure, "script[data-chart-spec]");
  const place = figure.querySelector("[data-chart-place]");
  if (!spec || !place) return;
  drawn.get(figure)?.result.finalize();
  const theme = mode(); // it may change while the drawing is under way: then the drawing that is queued does it again
  const result = await embed(place, spec, {
    actions: false,
    ast: true,
    config: settings[theme],
    defaultStyle: false,
    expr: expressionInterpreter,
    formatLocale: settings.numbers,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  });
  // The figure's sentence and its table say what the drawing shows; its hundreds of marks would only be noise.
  place.querySelector("svg")?.setAttribute("aria-hidden", "true");
  result.view.addEventListener("click", (event, item) => follow(item?.datum?.url, event));
  drawn.set(figure, { result, points: spec.data.values, at: -1 });
  figure.dataset.drawn = theme;
}

async function drawAll() {
  const settings = read(document, "script[data-chart-settings]");
  for (const [figure, { result }] of drawn) {
    if (figure.isConnected) continue;
    result.finalize();
    drawn.delete(figure);
  }
  if (!settings) return;
  for (const figure of document.querySelectorAll("[data-chart]")) {
    if (figure.dataset.drawn === mode() && drawn.has(figure)) continue;
    try {
      await draw(figure, settings);
    } catch (error) {
      // The table below the drawing says the same: open it.
      console.error(error);
      figure.closest(".chart-card")?.querySelector("details")?.setAttribute("open", "");
    }
  }
}

// One drawing after the other, never two of the same figure at once.
let queue = Promise.resolve();
function redraw() {
  queue = queue.then(drawAll);
}

function follow(url, event) {
  if (!url?.startsWith("/")) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) window.open(url, "_blank", "noopener");
  else location.assign(url);
}

// --- Keyboard: arrows walk along the marks, Enter follows ----------------------------------------------------------

const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function stand(figure, at) {
  const chart = drawn.get(figure);
  const last = chart.points.length - 1;
  chart.at = Math.max(-1, Math.min(last, at));
  const point = chart.points[chart.at];
  chart.result.view.signal("focused", point?.key ?? "").runAsync();
  const told = figure.querySelector("[data-chart-told]");
  told.textContent = point ? `${point.label}: ${point.text}` : "";
  told.hidden = !point;
}

document.addEventListener("keydown", (event) => {
  const figure = event.target.closest?.("[data-chart-place]")?.closest("[data-chart]");
  const chart = drawn.get(figure);
  if (!chart || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key in steps) stand(figure, Math.max(0, chart.at + steps[event.key]));
  else if (event.key === "Home") stand(figure, 0);
  else if (event.key === "End") stand(figure, chart.points.length - 1);
  else if (event.key === "Escape") stand(figure, -1);
  else if (event.key === "Enter" && chart.at >= 0) follow(chart.points[chart.at].url, event);
  else return;
  event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  const figure = event.target.closest?.("[data-chart-place]")?.closest("[data-chart]");
  if (drawn.has(figure)) stand(figure, -1);
});

// --- The form: a change is sent at once; a year that is still being typed waits -------------------------------------

html.classList.add("sends-changes");
document.addEventListener("change", (event) => {
  const { form, type, value } = event.target;
  if (!form?.matches("[data-dashboard-form]")) return;
  if (type === "date" && value < "1900") return;
  form.requestSubmit();
});

// --- When --------------------------------------------------------------------------------------------------------

document.addEventListener("htmx:afterSwap", redraw);
document.addEventListener("htmx:historyRestore", redraw);
device.addEventListener("change", redraw);
new MutationObserver(redraw).observe(html, { attributeFilter: ["data-bs-theme"] });
redraw();
