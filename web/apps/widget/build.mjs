/** Builds the app, then the loaders that name its version, into the server's static files. */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outDir = process.env.MIAOHUI_WIDGET_OUT ?? here("../../../src/miaohui/static/widget");

/** Annotations for other bundlers are of no use to a browser. */
const bare = {
  name: "bare",
  generateBundle(_options, files) {
    for (const file of Object.values(files)) {
      if (file.code)
        file.code = file.code.replace(/(\w?)\/\* @__PURE__ \*\/ ?/g, (_, word) => (word ? `${word} ` : ""));
    }
  },
};

const versionOf = (code) => createHash("sha256").update(code).digest("hex").slice(0, 12);

/** What comes later names the app as the loader does: under another address it would run a second time. */
const one = {
  name: "one",
  generateBundle(_options, files) {
    const app = files["app.js"];
    if (!app) return;
    for (const file of Object.values(files)) {
      if (file.code)
        file.code = file.code.replace(/(["'`])\.\/app\.js\1/g, `"./app.js?v=${versionOf(app.code)}"`);
    }
  },
};

/** Words travel under short names; those whose name is put together while it runs keep theirs. */
const table = JSON.parse(await readFile(here("src/locales/zh-CN.json"), "utf8"));
const names = Object.keys(table).filter((name) => !/^(activity|composer|failed)\./.test(name));
const short = new Map(names.map((name, n) => [name, n.toString(36)]));
const terse = {
  name: "terse",
  renderChunk: (code) =>
    code.replace(/(["'`])(\w+\.\w+)\1/g, (whole, quote, name) =>
      short.has(name) ? quote + short.get(name) + quote : whole,
    ),
};

async function bundle(entry, fileName, format, version, emptyOutDir = false) {
  await build({
    configFile: false,
    root: here("."),
    logLevel: "warn",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    define: { __VERSION__: JSON.stringify(version), "process.env.NODE_ENV": '"production"' },
    plugins: [bare, terse, one],
    resolve: { alias: { "@miaohui/client": here("../../../clients/typescript/src/index.ts") } },
    build: {
      outDir,
      emptyOutDir,
      target: "es2022",
      // Newer than any that needs `light-dark()` written out: nothing here uses it.
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      modulePreload: false,
      minify: true,
      lib: { entry: here(entry), formats: [format], name: "miaohui", fileName: () => fileName },
      // A library in ES form is only minified when its output asks for it.
      rolldownOptions: {
        // What comes later takes what it shares from the app, which so stays in one piece.
        preserveEntrySignatures: "allow-extension",
        output: { minify: true, chunkFileNames: "[name]-[hash].js" },
      },
    },
  });
}

await bundle("src/app.tsx", "app.js", "es", "", true);
const version = versionOf(await readFile(`${outDir}/app.js`));
for (const file of (await readdir(outDir)).filter((name) => name.endsWith(".js"))) {
  const named = (await readFile(`${outDir}/${file}`, "utf8")).match(/app\.js\?v=(\w+)/)?.[1] ?? version;
  if (named !== version) throw new Error(`${file} names another app than the loader will`);
}
await bundle("src/loader.ts", "widget.js", "iife", version);
await bundle("src/esm.ts", "miaohui.mjs", "es", version);
