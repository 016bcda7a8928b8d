// Builds webapp/static/dist: scripts, style sheets, the icon sprite, and a manifest of their content hashes.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { purge } from "./purge.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, "src");
const finished = path.join(here, "dist");
const target = path.join(here, `dist.${process.pid}`);
const entries = ["core", "public", "htmx", "editor", "media", "charts", "api", "passkeys"].filter((name) => existsSync(path.join(source, `${name}.js`)));

// "./site/*.css" and "./site/*.js": what the rooms bring to the public pages, each its file of src/site.
const site = {
  name: "site",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/site\/\*\.(css|js)$/ }, ({ path: asked }) => ({ path: asked, namespace: "site" }));
    builder.onLoad({ filter: /./, namespace: "site" }, async ({ path: asked }) => {
      const kind = path.extname(asked).slice(1);
      const folder = path.join(source, "site");
      const files = existsSync(folder) ? (await readdir(folder)).filter((file) => file.endsWith(`.${kind}`)).sort() : [];
      const line = kind === "css" ? (file) => `@import "./site/${file}";` : (file) => `import "./site/${file}";`;
      return { contents: files.map(line).join("\n"), loader: kind, resolveDir: source };
    });
  },
};

async function bundle() {
  await build({
    entryPoints: entries.map((name) => path.join(source, `${name}.js`)),
    outdir: target,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "eof",
    logLevel: "warning",
    plugins: [site],
  });
}

// Tabler brings far more than the public pages use: what they do not is left out.
async function lightenPublic() {
  const file = path.join(target, "public.css");
  const { code } = await transform(await purge(await readFile(file, "utf8")), { loader: "css", minify: true });
  await writeFile(file, code);
}

// <svg …>body</svg> becomes <symbol id="file name">body</symbol>; colour and stroke come from the page.
function symbol(name, svg) {
  const body = svg
    .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
}

async function sprite() {
  const folder = path.join(source, "icons");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".svg")).sort();
  const symbols = await Promise.all(
    files.map(async (file) => symbol(path.basename(file, ".svg"), await readFile(path.join(folder, file), "utf8"))),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  await writeFile(path.join(target, "icons.svg"), svg);
}

async function manifest() {
  const hashes = {};
  for (const file of (await readdir(target)).sort()) {
    const content = await readFile(path.join(target, file));
    hashes[file] = createHash("sha256").update(content).digest("hex").slice(0, 16);
  }
  await writeFile(path.join(target, "manifest.json"), `${JSON.stringify(hashes, null, 2)}\n`);
}

// A page that is served meanwhile keeps the old files, and a build that fails leaves them.
try {
  await mkdir(target);
  await Promise.all([bundle(), sprite()]);
  await lightenPublic();
  await manifest();
  await rm(finished, { recursive: true, force: true });
  await rename(target, finished);
} catch (problem) {
  await rm(target, { recursive: true, force: true });
  console.error(problem.message);
  process.exitCode = 1;
}
