import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, Input, Select } from "antd";
import { useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import { prefs } from "../../../shared/prefs/prefs";
import { useGoverns } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Field } from "../../../shared/ui/Field";
import { askAgain, listRouteNames, listVersions, type Otherwise } from "../api/turns";
import { took } from "../model/turn";
import styles from "./TurnDrawer.module.css";

const asItIs: Otherwise = { route: "", persona: "", knowledge_version: 0 };

/** The same question once more, otherwise: nothing of it is stored, and no visitor sees it. */
export function AskAgain({ turnId }: { readonly turnId: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [otherwise, setOtherwise] = useState(asItIs);
  const { locale } = useStore(prefs);
  const governs = useGoverns();
  const routes = useQuery({
    queryKey: ["routes", "names"],
    queryFn: ({ signal }) => listRouteNames(signal),
    enabled: governs && open,
  });
  const versions = useQuery({
    queryKey: ["versions", "short"],
    queryFn: ({ signal }) => listVersions(signal),
    enabled: open,
  });
  const again = useAct(() => askAgain(turnId, otherwise));
  const set = (change: Partial<Otherwise>) => setOtherwise({ ...otherwise, ...change });
  return (
    <details className={styles.again} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("again.title")}</summary>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          again.mutate();
        }}
      >
        <p className={styles.about}>{t("again.about")}</p>
        <div className={styles.pair}>
          <Field label={t("again.route")} hint={t("again.as_now")}>
            {(id) => (
              <AutoComplete
                id={id}
                value={otherwise.route}
                maxLength={64}
                options={(routes.data ?? []).map((value) => ({ value }))}
                onChange={(value: string) => set({ route: value.trim() })}
              />
            )}
          </Field>
          <Field label={t("again.version")} hint={t("again.as_now")}>
            {(id) => (
              <Select
                id={id}
                allowClear
                value={otherwise.knowledge_version || null}
                options={(versions.data ?? []).map((one) => ({
                  value: one.version,
                  label: [
                    t("again.version_of", {
                      version: one.version,
                      date: dayAndTime(toMs(one.created_at), locale),
                    }),
                    one.served && t("again.version_now"),
                  ]
                    .filter(Boolean)
                    .join(" · "),
                }))}
                onChange={(value: number | null) => set({ knowledge_version: value ?? 0 })}
              />
            )}
          </Field>
        </div>
        <Field label={t("again.persona")} hint={t("again.as_now")}>
          {(id) => (
            <Input.TextArea
              id={id}
              value={otherwise.persona}
              maxLength={2000}
              autoSize={{ minRows: 2, maxRows: 6 }}
              onChange={(event) => set({ persona: event.target.value })}
            />
          )}
        </Field>
        <Button type="primary" htmlType="submit" loading={again.isPending}>
          {t("again.ask")}
        </Button>
        {again.data && (
          <div className={styles.said} role="status">
            <p className={styles.about}>
              {again.data.known ? again.data.route : t("again.unknown")} · {took(again.data.took_ms)}
            </p>
            <Prose text={again.data.text} />
          </div>
        )}
      </form>
    </details>
  );
}
