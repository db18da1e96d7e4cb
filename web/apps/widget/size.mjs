/** Fails when what a visitor downloads is over its budget, in bytes as gzip sends them. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dir =
  process.env.MIAOHUI_WIDGET_OUT ??
  fileURLToPath(new URL("../../../src/miaohui/static/widget", import.meta.url));
const weigh = (name) => gzipSync(readFileSync(`${dir}/${name}`), { level: 9 }).length;

const files = readdirSync(dir);
const chunk = (name) => files.find((file) => file.startsWith(`${name}-`)) ?? name;
/** What `app.js` imports at once, not what it fetches when that is needed. */
const shared = [
  ...readFileSync(`${dir}/app.js`, "utf8").matchAll(/(?:from|import)\s*[`"']\.\/([\w.-]+)[`"']/g),
].map(([, name]) => name);
const app = ["widget.js", "app.js", ...shared];
const budgets = [
  [["widget.js"], 3 * 1024],
  [["miaohui.mjs"], 3 * 1024],
  [[...app, chunk("zh-CN")], 25 * 1024],
  [[...app, chunk("en")], 25 * 1024],
];

for (const [names, most] of budgets) {
  const bytes = names.reduce((sum, name) => sum + weigh(name), 0);
  if (bytes > most) process.exitCode = 1;
  console.log(`${bytes > most ? "OVER" : "ok  "} ${names.join(" + ")}: ${bytes} of ${most} bytes gzipped`);
}
