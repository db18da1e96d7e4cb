/** Fails when what a visitor downloads is over its budget, in bytes as gzip sends them. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dir =
  process.env.MIAOHUI_WIDGET_OUT ?? fileURLToPath(new URL("../../../src/miaohui/static/widget", import.meta.url));
const weigh = (name) => gzipSync(readFileSync(`${dir}/${name}`), { level: 9 }).length;

const files = readdirSync(dir);
const chunk = (name) => files.find((file) => file.startsWith(`${name}-`)) ?? name;
const budgets = [
  [["widget.js"], 3 * 1024],
  [["miaohui.mjs"], 3 * 1024],
  [["widget.js", "app.js", chunk("zh-CN")], 25 * 1024],
  [["widget.js", "app.js", chunk("en")], 25 * 1024],
];

for (const [names, most] of budgets) {
  const bytes = names.reduce((sum, name) => sum + weigh(name), 0);
  if (bytes > most) process.exitCode = 1;
  console.log(`${bytes > most ? "OVER" : "ok  "} ${names.join(" + ")}: ${bytes} of ${most} bytes gzipped`);
}
