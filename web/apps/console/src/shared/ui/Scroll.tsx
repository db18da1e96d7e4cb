import type { ReactNode } from "react";
import styles from "./Table.module.css";

/** A wide table scrolls by itself, with the keyboard too; the page never does sideways. */
export function Scroll({ children }: { readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it too
    <div className={styles.scroll} tabIndex={0}>
      {children}
    </div>
  );
}
