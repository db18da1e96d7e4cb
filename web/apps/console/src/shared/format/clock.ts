import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let now = Date.now();
let tick: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    tick = setInterval(() => {
      now = Date.now();
      for (const one of [...listeners]) one();
    }, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(tick);
  };
}

/** The time, once a second: for waits that grow while one looks. One clock serves the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
