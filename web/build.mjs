// Builds the console into dist/ (or the folder named): one script and one style sheet under names that carry their
// content's hash (cached for ever), and an index.html that names them (never cached). Every file also
// gets a gzip twin, so that the gateway compresses nothing at run time.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const root = new URL(".", import.meta.url);
const dist = pathToFileURL(`${resolve(process.argv[2] ?? new URL("dist", root).pathname)}/`);

const bundle = async (entry) => {
  const result = await build({
    entryPoints: [new URL(entry, root).pathname],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
  return result.outputFiles[0].contents;
};

const write = async (name, content) => {
  await writeFile(new URL(name, dist), content);
  const packed = gzipSync(content, { level: 9 });
  packed[9] = 255; // the "operating system" byte, so that builds on any machine are alike
  await writeFile(new URL(`${name}.gz`, dist), packed);
  return packed.length;
};

const hashed = (stem, extension, content) =>
  `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 12)}.${extension}`;

const script = await bundle("src/main.tsx");
const style = await bundle("src/styles/main.css");
const icon = await readFile(new URL("src/icon.svg", root));

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const names = {
  SCRIPT: hashed("app", "js", script),
  STYLE: hashed("app", "css", style),
  ICON: hashed("icon", "svg", icon),
};
const template = await readFile(new URL("src/index.html", root), "utf8");
const html = template.replace(/\{\{(\w+)\}\}/g, (_, name) => names[name]);

const sizes = {
  [names.SCRIPT]: await write(names.SCRIPT, script),
  [names.STYLE]: await write(names.STYLE, style),
  [names.ICON]: await write(names.ICON, icon),
  "index.html": await write("index.html", html),
};
for (const [name, packed] of Object.entries(sizes)) {
  console.log(`${name}  ${(packed / 1024).toFixed(1)} KiB gzip`);
}
