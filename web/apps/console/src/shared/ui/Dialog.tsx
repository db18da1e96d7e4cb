import { ConfigProvider } from "antd";
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
      <ConfigProvider getPopupContainer={withIn}>
        <div className={styles.inner}>{children}</div>
      </ConfigProvider>
    </dialog>
  );
}

/** What is not in a modal dialog lies below it and takes no clicks: lists that drop down have to be in it, too. */
const withIn = (node?: HTMLElement): HTMLElement => node?.closest("dialog") ?? document.body;
