import { type ReactNode, useId } from "react";
import styles from "./Field.module.css";

interface Props {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with it; "" for nothing. */
  readonly fault?: string;
  readonly children: (id: string) => ReactNode;
}

/** A label above what it names, a hint below, and what is wrong with it. */
export function Field({ label, hint, fault, children }: Props) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint && <p>{hint}</p>}
      {fault && (
        <p role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
    </div>
  );
}
