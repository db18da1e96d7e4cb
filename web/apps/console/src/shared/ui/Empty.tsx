import type { ReactNode } from "react";
import styles from "./Empty.module.css";

interface Props {
  readonly title: string;
  readonly hint: string;
  readonly children?: ReactNode;
}

/** An empty page teaches: what will be here, and the one thing to do first. */
export function Empty({ title, hint, children }: Props) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      <p className={styles.hint}>{hint}</p>
      {children}
    </div>
  );
}
