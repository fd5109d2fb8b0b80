// Bundles the module for the respondent's page, and refuses any bundle but the one that was reviewed.
//   node browser/build.js           writes it, when its SHA-256 is the one in unlinkable.sha256
//   node browser/build.js --accept  writes it, and the SHA-256 as well: after a change, to be reviewed
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = here("../service/pages/static/");

const made = await build({
  absWorkingDir: here("."),
  entryPoints: ["unlinkable.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  charset: "ascii",
  legalComments: "eof",
  logLevel: "error",
  write: false,
});
const { contents } = made.outputFiles[0];
const digest = createHash("sha256").update(contents).digest("hex");

if (process.argv.includes("--accept")) writeFileSync(here("unlinkable.sha256"), `${digest}\n`);
const expected = readFileSync(here("unlinkable.sha256"), "utf8").trim();
rmSync(`${folder}unlinkable.js`, { force: true });
if (digest !== expected) {
  console.error("The bundle is not the one that was reviewed: its SHA-256 differs from browser/unlinkable.sha256.");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}unlinkable.js`, contents);
