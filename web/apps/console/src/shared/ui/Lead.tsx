import type { ReactNode } from "react";
import styles from "./Lead.module.css";

/** What a list is about, and beside it what can be done with it. */
export function Lead({ about, children }: { readonly about: string; readonly children?: ReactNode }) {
  return (
    <p className={styles.lead}>
      <span>{about}</span>
      {children}
    </p>
  );
}
