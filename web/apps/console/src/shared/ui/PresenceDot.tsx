import styles from "./PresenceDot.module.css";

/** Beside a word that says the same. */
export function PresenceDot({ presence }: { readonly presence: string }) {
  return <i className={styles.dot} data-presence={presence} aria-hidden="true" />;
}
