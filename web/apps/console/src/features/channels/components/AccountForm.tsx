import { Button } from "antd";
import type { ReactNode } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Fault } from "../../../shared/ui/Fault";
import { focusFault } from "../../../shared/ui/focusFault";
import type { Faults } from "../model/entries";
import styles from "./Channels.module.css";

interface Props {
  /** What is not in form yet, found when it is to be saved. */
  readonly faults: () => Faults;
  readonly of: { readonly submit: (found: Faults) => void; readonly saving: boolean; readonly fault: string };
  readonly act?: string;
  /** Beside the button that saves. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

/** What an account is made of, what went wrong with saving it, and the button that does. */
export function AccountForm({ faults, of, act, beside, children }: Props) {
  const t = useT();
  return (
    <form
      className={styles.fields}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        of.submit(faults());
        focusFault(event.currentTarget);
      }}
    >
      {children}
      <Fault>{of.fault}</Fault>
      <div className={styles.acts}>
        <Button type="primary" htmlType="submit" loading={of.saving}>
          {act ?? t("door.save")}
        </Button>
        {beside}
      </div>
    </form>
  );
}
