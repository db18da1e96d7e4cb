// Features never import each other, shared never imports a feature, and no file but the word lists grows past 250 lines.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../src");
const limit = 250;
const faults = [];

for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(tsx?|css)$/.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, "utf8");
  const name = relative(root, file);
  const lines = text.split("\n").length - 1;
  const words = name.startsWith("shared/i18n/");
  if (lines > limit && !words) faults.push(`${name}: ${lines} lines, at most ${limit}`);
  if (/^index\.tsx?$/.test(entry.name)) faults.push(`${name}: no barrel files`);
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
    const seen = relative(root, resolve(dirname(file), target));
    const [from, to] = [floor(name), floor(seen)];
    if (!allowed(from, to)) faults.push(`${name}: ${from} may not import ${seen}`);
  }
  if (entry.name.endsWith(".css")) {
    if (/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i.test(text)) faults.push(`${name}: a raw colour; use a token`);
    const physical = text.match(/\b(?:margin|padding|border)-(?:left|right)\b|^\s*(?:left|right)\s*:/m);
    if (physical) faults.push(`${name}: "${physical[0].trim()}" is physical; use inline-start or inline-end`);
  }
}

if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}

/** `app`, `shared`, or the one feature that a file belongs to. */
function floor(path) {
  const [first, second] = path.split("/");
  return first === "features" ? `features/${second}` : first;
}

function allowed(from, to) {
  return from === to || from === "app" || to === "shared";
}
