// Lays a .gz and a .br beside each file of webapp/static/dist, or of another folder: nginx sends them as they are.
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.argv[2] ?? path.join(path.dirname(fileURLToPath(import.meta.url)), "dist");
const squeezed = { gz: promisify(gzip), br: promisify(brotliCompress) };
const options = { gz: { level: 9 }, br: { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } } };

for (const file of await readdir(folder)) {
  if (!/\.(js|css|svg)$/.test(file)) continue;
  const content = await readFile(path.join(folder, file));
  for (const [ending, squeeze] of Object.entries(squeezed)) {
    await writeFile(path.join(folder, `${file}.${ending}`), await squeeze(content, options[ending]));
  }
}
