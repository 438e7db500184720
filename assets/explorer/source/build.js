// Builds the explorer into the folder that is given: `node build.js FOLDER`.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const folder = process.argv[2];
if (!folder) {
  throw new Error("usage: node build.js FOLDER");
}
mkdirSync(folder, { recursive: true });

/** Resolves an import to one of our own modules instead. */
const instead = (filter, module) => ({
  name: module,
  setup: (build) => build.onResolve({ filter }, () => ({ path: join(import.meta.dirname, module) })),
});

const common = {
  absWorkingDir: import.meta.dirname,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  // They are in LICENSES instead.
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};
const page = await build({
  ...common,
  entryPoints: ["explorer.jsx"],
  outfile: join(folder, "explorer.js"),
  jsx: "automatic",
  loader: { ".ttf": "dataurl" },
  // The same parser under its older name.
  alias: { "prettier/parser-graphql": "prettier/plugins/graphql" },
  plugins: [
    instead(/^monaco-editor\/esm\/vs\/editor\/edcore\.main\.js$/, "monaco.js"),
    instead(/\/(diffEditorWidget|multiDiffEditorWidget)\.js$/, "comparing.js"),
    instead(/^prettier\/(plugins\/estree|parser-babel)$/, "jsonc.js"),
  ],
});
const worker = await build({
  ...common,
  entryPoints: ["worker.js"],
  outfile: join(folder, "worker.js"),
  // GraphiQL formats operations in the page, and never has its worker load what would format them.
  external: ["prettier/*"],
});
copyFileSync(join(import.meta.dirname, "index.html"), join(folder, "index.html"));
writeFileSync(join(folder, "LICENSES"), licenses([page, worker]));

/** The licenses of all packages that something of is in the results of builds, the same ones told once. */
function licenses(builds) {
  const inputs = builds.flatMap(({ metafile }) => Object.values(metafile.outputs)).flatMap(({ inputs }) => inputs);
  const used = inputs.flatMap((inputs) => Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0));
  const packages = used.map((file) => file.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean);
  const namesByText = new Map();
  for (const place of [...new Set(packages)].sort()) {
    const { name, version, license, author } = JSON.parse(readFileSync(join(import.meta.dirname, place, "package.json")));
    const files = readdirSync(join(import.meta.dirname, place)).filter((file) => /licen[cs]e|notice/i.test(file)).sort();
    const texts = files.map((file) => readFileSync(join(import.meta.dirname, place, file), "utf8").trim());
    const text = texts.join("\n\n") || `${license} license. ${author?.name ?? author ?? "Its package names no author"}.`;
    namesByText.set(text, [...(namesByText.get(text) ?? []), `${name} ${version}`]);
  }
  const rule = "-".repeat(80);
  return [...namesByText].map(([text, names]) => `${rule}\n${names.join(", ")}\n${rule}\n\n${text}\n`).join("\n");
}
