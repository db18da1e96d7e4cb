/** The same as an ES module: `import { miaohui } from ".../miaohui.mjs"; await miaohui("boot", { site })`. */

import { createMiaohui } from "./api";

const app = new URL(/* @vite-ignore */ "app.js", import.meta.url);
app.search = `v=${__VERSION__}`;

export const miaohui = createMiaohui(app.href, { base: app.origin });
export default miaohui;
