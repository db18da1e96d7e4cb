/** The app module: draws the window into the loader's shadow root and runs the public API's methods. */

import { unread } from "@miaohui/conversation/reduce";
import tokens from "@miaohui/ui/tokens.css?inline";
import { render } from "preact";
import { methodsOf } from "./methods";
import { wear } from "./sheet";
import type { App, Shell } from "./shell";
import { Window } from "./view/window";
import { Visit } from "./visit";
import style from "./widget.css?inline";
import { nearest, wordsFor } from "./words";

export async function start(shell: Shell): Promise<App> {
  const language = shell.options.locale ?? (document.documentElement.lang || navigator.language);
  const visit = new Visit(shell, await wordsFor(nearest(language)));
  wear(shell.root, tokens + style);
  const place = document.createElement("div");
  shell.root.querySelector("section")?.prepend(place);
  const close = (): void => {
    if (!visit.scene.open) return;
    visit.show({ open: false });
    // Where the focus came from; with no bubble the page has it back.
    shell.bubble.focus({ preventScroll: true });
    shell.emit("close");
  };
  const open = (): void => {
    if (visit.scene.open) return;
    visit.show({ open: true });
    shell.emit("open");
    void visit.enter().catch(() => undefined);
  };
  let asked = false;
  const draw = (): void => {
    asked = false;
    dressBubble(shell, visit);
    if (visit.scene.open || place.firstChild)
      render(<Window scene={visit.scene} visit={visit} close={close} />, place);
  };
  visit.watch(() => {
    if (!asked) queueMicrotask(draw);
    asked = true;
  });
  const stop = followViewport(shell.host);
  shell.bubble.addEventListener("pointerenter", () => void visit.enter().catch(() => undefined), {
    once: true,
  });
  draw();
  visit.begin();
  shell.emit("ready");
  const methods = methodsOf(visit, { open, close });
  const shutdown = (): void => {
    visit.end();
    stop();
    render(null, place);
  };
  return { call: (method, args) => (method === "shutdown" ? shutdown() : methods[method]?.(...args)) };
}

function dressBubble({ bubble, host, root }: Shell, { scene }: Visit): void {
  const { words, open, talk, hidden } = scene;
  const count = open ? 0 : unread(talk);
  const news = count ? `, ${words.say("bubble.unread", { n: count })}` : "";
  bubble.setAttribute("aria-label", words.say(open ? "bubble.close" : "bubble.open") + news);
  bubble.setAttribute("aria-expanded", String(open));
  bubble.dataset.unread = count ? String(Math.min(count, 99)) : "";
  bubble.hidden = hidden;
  host.lang = words.locale;
  host.toggleAttribute("data-open", open);
  root.querySelector("section")?.setAttribute("aria-label", words.say("panel.label", { name: "" }).trim());
}

/** On a phone the keyboard covers the page; the window keeps to what is left. */
function followViewport(host: HTMLElement): () => void {
  const view = window.visualViewport;
  if (!view) return () => undefined;
  const fit = (): void => {
    host.style.setProperty("--view-height", `${view.height}px`);
    host.style.setProperty("--view-top", `${view.offsetTop}px`);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
  return () => {
    view.removeEventListener("resize", fit);
    view.removeEventListener("scroll", fit);
  };
}
