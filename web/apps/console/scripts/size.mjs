/** Fails when what a page of the console fetches to be shown is over its budget, in bytes as gzip sends them. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dir =
  process.env.MIAOHUI_CONSOLE_OUT ??
  fileURLToPath(new URL("../../../../src/miaohui/static/console", import.meta.url));
const most = 250 * 1024;
const files = readdirSync(`${dir}/assets`).filter((file) => file.endsWith(".js"));
const named = (name) => files.find((file) => file.replace(/-[\w-]{8}\.js$/, "") === name);
const [, entry] = readFileSync(`${dir}/index.html`, "utf8").match(/src="[^"]*\/assets\/([^"]+\.js)"/) ?? [];

/** The pages, each with its frame and its words; the vendor chunk is shared by all and counted by itself. */
const pages = [
  ["login", "LoginPage"],
  ...[
    "Conversations",
    "Tickets",
    "Contacts",
    "Knowledge",
    "Assistants",
    "Engines",
    "Insight",
    "Settings",
  ].map((name) => [
    name.toLowerCase(),
    "Shell",
    name === "Conversations" ? "ConversationsPage" : `${name}Route`,
  ]),
];

const vendor = named("vendor");
if (!entry || !vendor) throw new Error(`No console in ${dir}: run npm run build.`);
console.log(`ok   vendor: ${weigh(vendor)} bytes gzipped`);
for (const [page, ...chunks] of pages) {
  const roots = [entry, named("zh-CN"), ...chunks.map(named)];
  if (roots.includes(undefined))
    throw new Error(`${page}: one of ${chunks.join(", ")} is no chunk any more.`);
  const fetched = new Set();
  for (const root of roots) collect(root, fetched);
  fetched.delete(vendor);
  const bytes = [...fetched].reduce((sum, file) => sum + weigh(file), 0);
  if (bytes > most) process.exitCode = 1;
  console.log(`${bytes > most ? "OVER" : "ok  "} ${page}: ${bytes} of ${most} bytes gzipped`);
}

/** A file and everything that it imports at once; what it fetches when that is needed does not count. */
function collect(file, into) {
  if (into.has(file)) return;
  into.add(file);
  const text = readFileSync(`${dir}/assets/${file}`, "utf8");
  for (const [, name] of text.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) collect(name, into);
}

function weigh(file) {
  return gzipSync(readFileSync(`${dir}/assets/${file}`), { level: 9 }).length;
}
