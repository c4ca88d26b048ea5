// Builds the page: one HTML file with its style and its script inside, as pages opened from a disk
// load no modules. Prints it; `make explorer` keeps it as workflow/explorer/index.html.
import { readFile } from "node:fs/promises";
import { build, transform } from "esbuild";

const folder = new URL("src/", import.meta.url);
const text = (name) => readFile(new URL(name, folder), "utf8");

const { outputFiles } = await build({
  entryPoints: [new URL("main.tsx", folder).pathname],
  bundle: true,
  write: false,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
});
// "</" would end the script element wherever it stands.
const script = outputFiles[0].text.trim().replaceAll("</", "<\\/");
const { code: style } = await transform(await text("style.css"), { loader: "css", minify: true });
const parts = { style: style.trim(), script };
const page = (await text("index.html")).replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
process.stdout.write(page);
