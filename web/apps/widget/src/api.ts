/** The public API: a function that takes a method's name and its arguments, and answers with a promise. */

import type { App, AppModule, EventName, Options, Shell } from "./shell";

export interface Miaohui {
  (method: string, ...args: unknown[]): Promise<unknown>;
  /** Every method by its name too: `Miaohui.open()`. */
  readonly [method: string]: (...args: unknown[]) => Promise<unknown>;
}

type Listener = (detail: unknown) => void;

const METHODS =
  "boot update shutdown open close toggle show hide newMessage ask identify logout set unset tag untag track product order on off";

const ICON =
  '<svg viewBox="0 0 24 24" width="26" height="26" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 4c4.7 0 8.5 3.2 8.5 7.2s-3.8 7.2-8.5 7.2c-.8 0-1.6-.1-2.4-.3L5 20.2l.9-3.5c-1.5-1.3-2.4-3.3-2.4-5.5C3.5 7.2 7.3 4 12 4z"/><path d="M8.5 11.3h.01M12 11.3h.01M15.5 11.3h.01" stroke-width="2"/></svg>';

const STYLE = `:host{all:initial;position:fixed;bottom:max(20px,env(safe-area-inset-bottom));right:max(20px,env(safe-area-inset-right));z-index:2147483000}
:host([data-position=left]){right:auto;left:max(20px,env(safe-area-inset-left))}
.bubble{box-sizing:border-box;width:56px;height:56px;padding:0;border:0;border-radius:28px;display:grid;place-items:center;cursor:pointer;background:var(--jade,#0b7a5b);color:var(--on-jade,#fff);box-shadow:var(--float,0 8px 32px rgb(18 30 24/16%))}
.bubble:focus-visible{outline:3px solid var(--jade,#0b7a5b);outline-offset:3px}.bubble[hidden]{display:none}`;

export function createMiaohui(appUrl: string, given: Partial<Options>): Miaohui {
  const listeners = new Map<string, Set<Listener>>();
  let shell: Shell | undefined;
  let app: Promise<App> | undefined;

  const emit = (event: EventName, detail?: unknown): void => {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(detail);
  };
  const load = (into: Shell): Promise<App> => {
    app ??= (import(/* @vite-ignore */ appUrl) as Promise<AppModule>).then((module) => module.start(into));
    app.catch((error: unknown) => {
      app = undefined;
      emit("error", error);
    });
    return app;
  };
  const call = async (method: string, ...args: unknown[]): Promise<unknown> => {
    if (!METHODS.split(" ").includes(method)) throw new TypeError(`Miaohui has no method "${method}".`);
    if (method === "on" || method === "off") return listen(listeners, method, args);
    if (method === "boot") {
      if (shell) return;
      shell = raise({ ...given, ...(args[0] as Partial<Options>) }, emit);
      const into = shell;
      shell.bubble.onclick = () => void call("toggle");
      await idle();
      await load(into);
      return;
    }
    if (!shell) throw new Error('Miaohui is not booted: call Miaohui("boot", { site }) first.');
    const result = await (await load(shell)).call(method, args);
    if (method !== "shutdown") return result;
    shell.host.remove();
    shell = app = undefined;
    return;
  };
  const methods = METHODS.split(" ").map((name) => [name, (...args: unknown[]) => call(name, ...args)]);
  return Object.assign(call, Object.fromEntries(methods)) as Miaohui;
}

function listen(listeners: Map<string, Set<Listener>>, method: "on" | "off", args: unknown[]): void {
  const [event, listener] = args as [string, Listener];
  const set = listeners.get(event) ?? new Set();
  listeners.set(event, set);
  if (method === "on") set.add(listener);
  else if (listener) set.delete(listener);
  else set.clear();
}

function raise(options: Partial<Options>, emit: Shell["emit"]): Shell {
  const { site = "", base = location.origin } = options;
  const host = document.createElement("div");
  host.id = "miaohui";
  if (options.theme) host.dataset.theme = options.theme;
  if (options.position) host.dataset.position = options.position;
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>${STYLE}</style><section><button class="bubble" type="button" aria-expanded="false">${ICON}</button></section>`;
  const bubble = root.querySelector("button") as HTMLButtonElement;
  const chinese = /^zh/i.test(options.locale ?? document.documentElement.lang ?? navigator.language);
  const name = chinese ? "打开咨询窗口" : "Open the help window";
  bubble.setAttribute("aria-label", name);
  bubble.hidden = options.bubble === "off";
  (root.querySelector("section") as HTMLElement).setAttribute("aria-label", chinese ? "在线咨询" : "Help");
  document.body.append(host);
  return { host, root, bubble, options: { ...options, site, base: base.replace(/\/$/, "") }, emit };
}

/** Until the page has nothing better to do, but not longer than two seconds. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: 2000 });
    else setTimeout(resolve, 300);
  });
}
