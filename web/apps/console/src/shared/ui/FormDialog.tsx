import { Button } from "antd";
import type { ReactNode } from "react";
import { useT } from "../i18n/i18n";
import { Dialog } from "./Dialog";
import { Fault } from "./Fault";
import styles from "./FormDialog.module.css";
import { focusFault } from "./focusFault";

interface Props {
  readonly title: string;
  /** What it does, below its title. */
  readonly about?: string;
  /** What its button says; "Save" when nothing is told. */
  readonly act?: string;
  /** Whether it may be sent already. */
  readonly ready?: boolean;
  readonly saving: boolean;
  /** What was wrong with sending it; left out where that is said elsewhere. */
  readonly fault?: string;
  /** Its fields are checked by the browser. */
  readonly checked?: boolean;
  readonly onSend: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A form in a dialog: its title, its fields, what went wrong, and the button that sends it. */
export function FormDialog(props: Props) {
  const t = useT();
  const {
    title,
    about,
    act,
    ready = true,
    saving,
    fault,
    checked = false,
    onSend,
    onClose,
    children,
  } = props;
  return (
    <Dialog label={title} onClose={onClose}>
      <form
        className={styles.form}
        noValidate={!checked}
        onSubmit={(event) => {
          event.preventDefault();
          onSend();
          focusFault(event.currentTarget);
        }}
      >
        <h2>{title}</h2>
        {about && <p className={styles.about}>{about}</p>}
        {children}
        {fault !== undefined && <Fault>{fault}</Fault>}
        <Button type="primary" htmlType="submit" disabled={!ready} loading={saving}>
          {act ?? t("action.save")}
        </Button>
      </form>
    </Dialog>
  );
}
