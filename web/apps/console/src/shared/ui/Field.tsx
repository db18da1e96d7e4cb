import { type ReactNode, useId } from "react";
import styles from "./Field.module.css";

interface Props {
  readonly label: string;
  readonly hint?: string;
  readonly children: (id: string) => ReactNode;
}

/** A label above what it names, and a hint below. */
export function Field({ label, hint, children }: Props) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint && <p>{hint}</p>}
    </div>
  );
}
