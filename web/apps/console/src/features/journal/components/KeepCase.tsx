import { App, Button, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { keepCase } from "../api/turns";
import { linesOf } from "../model/attempts";
import styles from "./TurnDrawer.module.css";

/** What should have been said: a case that is tried before anything is changed. */
export function KeepCase({ turnId }: { readonly turnId: string }) {
  const t = useT();
  const { message } = App.useApp();
  const [wanted, setWanted] = useState("");
  const [holds, setHolds] = useState("");
  const [lacks, setLacks] = useState("");
  const kept = useAct(() => keepCase(turnId, { wanted, holds: linesOf(holds), lacks: linesOf(lacks) }), {
    refreshes: [["cases"]],
    onDone: () => void message.success(t("case.kept")),
  });
  return (
    <details className={styles.again}>
      <summary>{t("case.title")}</summary>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          kept.mutate();
        }}
      >
        <p className={styles.about}>{t("case.about")}</p>
        <Field label={t("case.wanted")}>
          {(id) => (
            <Input.TextArea
              id={id}
              value={wanted}
              maxLength={4000}
              autoSize={{ minRows: 2, maxRows: 8 }}
              onChange={(event) => setWanted(event.target.value)}
            />
          )}
        </Field>
        <div className={styles.pair}>
          <Field label={t("case.holds")} hint={t("case.lines")}>
            {(id) => (
              <Input.TextArea
                id={id}
                value={holds}
                autoSize={{ minRows: 2, maxRows: 6 }}
                onChange={(event) => setHolds(event.target.value)}
              />
            )}
          </Field>
          <Field label={t("case.lacks")} hint={t("case.lines")}>
            {(id) => (
              <Input.TextArea
                id={id}
                value={lacks}
                autoSize={{ minRows: 2, maxRows: 6 }}
                onChange={(event) => setLacks(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Button htmlType="submit" disabled={!wanted.trim() || kept.isSuccess} loading={kept.isPending}>
          {t("case.keep")}
        </Button>
      </form>
    </details>
  );
}
