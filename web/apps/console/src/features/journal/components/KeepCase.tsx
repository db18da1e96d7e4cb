import { App, Button, Checkbox, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { correct, keepCase } from "../api/turns";
import { linesOf } from "../model/attempts";
import styles from "./TurnDrawer.module.css";

interface Props {
  readonly turnId: string;
  readonly messageId: string;
}

/** What should have been said: a case that is tried before anything is changed. */
export function KeepCase({ turnId, messageId }: Props) {
  const t = useT();
  const { message } = App.useApp();
  const [wanted, setWanted] = useState("");
  const [holds, setHolds] = useState("");
  const [lacks, setLacks] = useState("");
  const [drafting, setDrafting] = useState(false);
  const keep = async () => {
    await keepCase(turnId, { wanted, holds: linesOf(holds), lacks: linesOf(lacks) });
    if (drafting && messageId) await correct(messageId, wanted);
  };
  const kept = useAct(keep, {
    refreshes: [["cases"], ["drafts"]],
    onDone: () => void message.success(t(drafting ? "case.drafted" : "case.kept")),
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
        {messageId && (
          <Checkbox checked={drafting} onChange={(event) => setDrafting(event.target.checked)}>
            {t("case.also_draft")}
          </Checkbox>
        )}
        <Button htmlType="submit" disabled={!wanted.trim() || kept.isSuccess} loading={kept.isPending}>
          {t("case.keep")}
        </Button>
      </form>
    </details>
  );
}
