import styles from "./Face.module.css";

interface Props {
  readonly name: string;
  readonly kind: "visitor" | "agent" | "assistant";
  readonly size?: number;
}

/** The first letter of a name on its kind's weak colour; the name itself always stands beside it. */
export function Face({ name, kind, size = 32 }: Props) {
  const first = [...name.trim()][0]?.toUpperCase() ?? "·";
  return (
    <span
      className={`${styles.face} ${styles[kind]}`}
      style={{ inlineSize: size, blockSize: size }}
      aria-hidden="true"
    >
      {first}
    </span>
  );
}
