import type { ReactNode } from "react";
import styles from "./Choice.module.css";

interface Props {
  readonly legend: string;
  readonly hint?: string;
  readonly children: ReactNode;
}

/** A question that a few boxes answer: its words above them, a hint below. */
export function Choice({ legend, hint, children }: Props) {
  return (
    <fieldset className={styles.choice}>
      <legend>{legend}</legend>
      {children}
      {hint && <p className={styles.hint}>{hint}</p>}
    </fieldset>
  );
}
