import { Tooltip } from "antd";
import type { LucideIcon } from "lucide-react";
import styles from "./IconButton.module.css";

interface Props {
  readonly icon: LucideIcon;
  readonly name: string;
  readonly hint?: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

/** An icon always has a name; `hint` adds the key that does the same. */
export function IconButton({ icon: Icon, name, hint, pressed, onClick }: Props) {
  return (
    <Tooltip title={hint ? `${name} · ${hint}` : name} mouseEnterDelay={0.4}>
      <button
        type="button"
        className={styles.button}
        aria-label={name}
        aria-pressed={pressed}
        onClick={onClick}
      >
        <Icon size={18} strokeWidth={1.5} aria-hidden="true" />
      </button>
    </Tooltip>
  );
}
