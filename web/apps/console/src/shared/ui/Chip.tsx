import type { ReactNode } from "react";
import styles from "./Chip.module.css";

export type Tone = "quiet" | "jade" | "blue" | "amber" | "red";

interface Props {
  readonly tone: Tone;
  /** It stands right after a name. */
  readonly beside?: boolean;
  readonly children: ReactNode;
}

/** How something stands, in a word; the colour only says it again. */
export function Chip({ tone, beside = false, children }: Props) {
  return <span className={`${styles.chip} ${styles[tone]} ${beside ? styles.beside : ""}`}>{children}</span>;
}
