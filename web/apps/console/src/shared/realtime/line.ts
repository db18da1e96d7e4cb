import type { LineState } from "@miaohui/client";
import { miaohui } from "../http/api";
import { freshId } from "../ids";
import { Store } from "../store";

/** The one socket of the console: the tenant's feed, and the conversations that are looked at. */
export const line = miaohui.line(deviceId);

export const lineState = new Store<LineState>(line.state);
line.onState(lineState.set);

/** Counts welcomes: whoever shows a list reads it again, since the feed itself has no memory. */
export const welcomes = new Store(0);
line.onWelcome(() => welcomes.update((count) => count + 1));

function deviceId(): string {
  const storage = "miaohui.console.device";
  const known = sessionStorage.getItem(storage);
  if (known) return known;
  const fresh = freshId();
  sessionStorage.setItem(storage, fresh);
  return fresh;
}
