/**
 * `widget.js`: one async script tag. Shows the bubble at once, fetches the window when the page is idle or
 * when it is first wanted, and keeps every call made before that.
 */

import { createMiaohui, type Miaohui } from "./api";
import type { Options } from "./shell";

/** Left by the embed code before this script came: arguments, or [arguments, resolve, reject]. */
interface Stub {
  q?: ArrayLike<unknown>[];
}

declare global {
  interface Window {
    Miaohui?: Miaohui | Stub;
  }
}

function optionsOf(script: HTMLScriptElement | null): Partial<Options> {
  const options: Partial<Options> = {};
  if (!script) return options;
  const { site, api, ...rest } = script.dataset;
  if (site) options.site = site;
  options.base = api ?? new URL(script.src).origin;
  return Object.assign(options, rest);
}

const script = document.currentScript as HTMLScriptElement | null;
const stub = window.Miaohui as Stub | undefined;
const given = optionsOf(script);
const home = script?.src ?? location.href;
const app = new URL(home.includes("/widget/") ? "app.js" : "widget/app.js", home);
app.search = `v=${__VERSION__}`;
const miaohui = createMiaohui(app.href, given);
window.Miaohui = miaohui;
if (given.site) void miaohui("boot", {});
for (const call of stub?.q ?? []) {
  const [method, ...args] = [...(call as ArrayLike<unknown> & Iterable<unknown>)];
  if (Array.isArray(method) || (typeof method === "object" && method)) {
    const [name, ...rest] = [...(method as Iterable<unknown>)];
    miaohui(String(name), ...rest).then(args[0] as () => void, args[1] as () => void);
  } else void miaohui(String(method), ...args);
}
