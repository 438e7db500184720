// Builds the page into the folder that is given: `node build.js FOLDER`.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What the first load may weigh: the JavaScript, compressed. */
const MOST_GZIPPED = 60 * 1024;

const folder = process.argv[2];
if (!folder) {
  throw new Error("usage: node build.js FOLDER");
}
const here = import.meta.dirname;
mkdirSync(folder, { recursive: true });

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  outdir: folder,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  // They are in LICENSES instead.
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
await build({
  absWorkingDir: here,
  entryPoints: { app: "style/app.css" },
  outdir: folder,
  bundle: true,
  minify: true,
  target: ["chrome123", "firefox120", "safari17.5"],
  logLevel: "warning",
});
for (const file of ["index.html", "error.html", "icon.svg"]) {
  copyFileSync(join(here, file), join(folder, file));
}
writeFileSync(join(folder, "LICENSES"), licenses());

const size = gzipSync(readFileSync(join(folder, "app.js"))).length;
if (size > MOST_GZIPPED) {
  throw new Error(`app.js has ${size} bytes compressed; at most ${MOST_GZIPPED} are allowed`);
}

/** The licenses of all packages that something of is in the result. */
function licenses() {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  const packages = used.map((file) => file.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean);
  const texts = [...new Set(packages)].sort().map((place) => {
    const { name, version, license } = JSON.parse(readFileSync(join(here, place, "package.json")));
    const file = readdirSync(join(here, place)).find((file) => /^licen[cs]e/i.test(file));
    const text = file ? readFileSync(join(here, place, file), "utf8").trim() : `${license} license.`;
    return `${name} ${version}\n\n${text}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
