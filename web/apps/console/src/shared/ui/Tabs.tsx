import { type KeyboardEvent, type ReactNode, Suspense, useEffect, useId, useRef } from "react";
import { stepped } from "./options";
import { Soon } from "./Soon";
import styles from "./Tabs.module.css";

export interface Tab {
  readonly key: string;
  readonly label: string;
  readonly children: ReactNode;
}

interface Props {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly current: string;
  readonly onChange: (key: string) => void;
}

/** Parts of a page, one at a time: the arrows go along them, and a narrow page scrolls them. */
export function Tabs({ label, tabs, current, onChange }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    tabs.findIndex((one) => one.key === current),
  );
  const shown = tabs[at];
  const labels = tabs.map((one) => one.label).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another is chosen, or a name beside it grew
  useEffect(() => {
    list.current
      ?.querySelector('[aria-selected="true"]')
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current, labels]);
  const go = (place: number) => {
    const next = tabs[place];
    if (!next) return;
    onChange(next.key);
    list.current?.querySelectorAll("button")[place]?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) go(stepped(at, step, tabs.length));
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(tabs.length - 1);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div ref={list} role="tablist" aria-label={label} className={styles.tabs} onKeyDown={onKey}>
        {tabs.map((one) => (
          <button
            key={one.key}
            id={`${id}-${one.key}`}
            type="button"
            role="tab"
            aria-selected={one === shown}
            aria-controls={one === shown ? `${id}-panel` : undefined}
            tabIndex={one === shown ? 0 : -1}
            onClick={() => onChange(one.key)}
          >
            {one.label}
          </button>
        ))}
      </div>
      <div key={shown?.key} id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${shown?.key}`}>
        <Suspense fallback={<Soon />}>{shown?.children}</Suspense>
      </div>
    </>
  );
}
