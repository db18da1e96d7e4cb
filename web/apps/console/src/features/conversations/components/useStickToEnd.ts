import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const nearPx = 80;

/** Stays at the newest message while one is there; never pulls away who reads further up. */
export function useStickToEnd(id: string, growth: number) {
  const box = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const stick = useRef(true);
  const shown = useRef("");
  const toEnd = useCallback(() => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
    stick.current = true;
    setAtEnd(true);
  }, []);
  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    stick.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx;
    setAtEnd(stick.current);
  }, []);
  useLayoutEffect(() => {
    if (shown.current !== id || (growth >= 0 && stick.current)) toEnd();
    shown.current = id;
  }, [id, growth, toEnd]);
  const filled = growth > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: anew for each conversation, and once its messages are drawn
  useEffect(() => {
    // What grows inside, such as a translation, and what grows around, such as the reply box, push the end away too.
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => stick.current && toEnd());
    for (const one of [element, ...element.children]) observer.observe(one);
    return () => observer.disconnect();
  }, [id, filled, toEnd]);
  return { box, atEnd, toEnd, onScroll };
}
