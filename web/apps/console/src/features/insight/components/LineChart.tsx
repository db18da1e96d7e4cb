import { useEffect, useRef } from "react";
import { begin, type Chart, type Drawing, drawLines } from "./draw";
import styles from "./Insight.module.css";

/** The drawing alone; what it says stands above it in words, and its numbers below it in a table. */
export function LineChart({ drawing, name }: { readonly drawing: Drawing; readonly name: string }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(null);
  const latest = useRef(drawing);
  latest.current = drawing;
  useEffect(() => {
    if (!box.current) return;
    const made = begin(box.current);
    chart.current = made;
    const again = () => drawLines(made, latest.current);
    const sized = new ResizeObserver(() => made.resize());
    sized.observe(box.current);
    const themed = new MutationObserver(again);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    again();
    return () => {
      sized.disconnect();
      themed.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    if (chart.current) drawLines(chart.current, drawing);
  }, [drawing]);
  return <div ref={box} className={styles.chart} role="img" aria-label={name} />;
}
