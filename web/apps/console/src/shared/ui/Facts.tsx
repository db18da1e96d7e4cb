import type { ReactNode } from "react";
import styles from "./Facts.module.css";

interface Props {
  /** What it is called, and what it is; what is nothing is left out. */
  readonly of: readonly (readonly [name: string, value: ReactNode])[];
  /** Sets `--names`, the width that names have, and what stands around. */
  readonly className?: string | undefined;
}

/** What is known of one thing, a line for each. */
export function Facts({ of, className = "" }: Props) {
  return (
    <dl className={`${styles.facts} ${className}`}>
      {of.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
