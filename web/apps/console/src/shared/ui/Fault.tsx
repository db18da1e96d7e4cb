import type { ReactNode } from "react";
import styles from "./Fault.module.css";

/** What went wrong with what was just done. It stands also while nothing did, or it would not be read aloud. */
export function Fault({ children }: { readonly children: ReactNode }) {
  return (
    <p role="alert" className={styles.fault}>
      {children}
    </p>
  );
}
