import type { ReactNode } from "react";
import styles from "./Rows.module.css";

interface Props {
  /** Their order means something. */
  readonly ordered?: boolean;
  readonly children: ReactNode;
}

/** Things of one kind below each other on one sheet, a line between them. */
export function Rows({ ordered = false, children }: Props) {
  const List = ordered ? "ol" : "ul";
  return <List className={styles.rows}>{children}</List>;
}
