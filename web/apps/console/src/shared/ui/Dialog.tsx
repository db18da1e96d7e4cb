import { type ReactNode, useLayoutEffect, useRef } from "react";
import styles from "./Dialog.module.css";

interface Props {
  readonly label: string;
  /** As much of the window as what is in it needs. */
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog of the browser's own: focus stays inside, Esc and a click outside close it. */
export function Dialog({ label, wide = false, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  // Before the page changes: a dialog that is gone cannot give the focus back.
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      className={`${styles.dialog} ${wide ? styles.wide : ""}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={styles.inner}>{children}</div>
    </dialog>
  );
}
