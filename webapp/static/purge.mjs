// Leaves of a style sheet what the public pages use: those that extend layouts/site.html, and all that they take in.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";

const webapp = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const source = path.join(webapp, "static", "src");
const NAMED = /["']([\w./-]+\.html)["']/g;
const BACK_OFFICE = /["']layouts\/(backoffice|account|plain|bare|mail)\.html["']|["']admin\//;
const WORD = /[\w-]+/g;

// What is in no template: texts that people write in Markdown, and states that scripts and browsers set.
const ELEMENTS =
  "html body main header footer nav section article aside address h1 h2 h3 h4 h5 h6 p a ul ol li dl dt dd blockquote pre code em strong b i s del ins sub sup small mark kbd abbr hr br img picture figure figcaption table thead tbody tfoot tr th td caption form fieldset legend label input select option optgroup textarea button details summary dialog time svg use iframe video audio progress output".split(
    " ",
  );
const ATTRIBUTES = ["open", "hidden", "disabled", "type", "dir", "lang", "data-bs-theme", "aria-current", "aria-expanded", "aria-invalid", "aria-pressed", "aria-selected", "aria-busy", "aria-hidden"];

async function files(folder, ending) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((each) => each.isFile() && each.name.endsWith(ending)).map((each) => path.join(each.parentPath ?? each.path, each.name));
}

// A template's name is what stands behind the folder `templates`.
async function templates() {
  const all = new Map();
  for (const file of [...(await files(path.join(webapp, "templates"), ".html")), ...(await files(path.join(webapp, "blueprints"), ".html"))]) {
    all.set(file.slice(file.lastIndexOf("/templates/") + "/templates/".length), await readFile(file, "utf8"));
  }
  return all;
}

function reached(all, from) {
  const found = new Set(from);
  for (const name of found) for (const [, other] of (all.get(name) ?? "").matchAll(NAMED)) if (all.has(other)) found.add(other);
  return found;
}

// Pages of the site with what they take in, and what no page of the back office takes in: panels, blocks, fragments.
async function shown() {
  const all = await templates();
  const names = [...all.keys()];
  const office = names.filter((name) => BACK_OFFICE.test(all.get(name)) || name.startsWith("admin/"));
  const taken = reached(all, office);
  const pages = names.filter((name) => all.get(name).includes("layouts/site.html"));
  if (!pages.length) throw new Error("no template of the public site was found: webapp/blueprints is missing");
  const site = reached(all, pages);
  return names.filter((name) => site.has(name) || !taken.has(name)).map((name) => ({ raw: all.get(name), extension: "html" }));
}

async function scripts() {
  const found = await files(source, ".js");
  return Promise.all(
    found.filter((file) => /\/(site\/[\w-]+|public|menus|forms|theme)\.js$/.test(file)).map(async (file) => ({ raw: await readFile(file, "utf8"), extension: "js" })),
  );
}

// The classes that the site's own style sheets speak of stay, wherever they come from.
async function own() {
  const sheets = await Promise.all((await files(source, ".css")).filter((file) => file.includes("/site/")).map((file) => readFile(file, "utf8")));
  return sheets.flatMap((sheet) => [...sheet.matchAll(/\.(-?[a-zA-Z_][\w-]*)/g)].map(([, name]) => name));
}

export async function purge(css) {
  const content = [...(await shown()), ...(await scripts())];
  const [{ css: left }] = await new PurgeCSS().purge({
    content,
    css: [{ raw: css }],
    defaultExtractor: (text) => text.match(WORD) ?? [],
    dynamicAttributes: ATTRIBUTES,
    keyframes: true,
    variables: true,
    safelist: { standard: [...ELEMENTS, ...(await own())] },
  });
  return left;
}
