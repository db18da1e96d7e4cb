import { useQuery } from "@tanstack/react-query";
import { App, Button, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Chip } from "../../../shared/ui/Chip";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { type Action, type Ended, listActions, runAction } from "../api/actions";
import { argumentsOf } from "../model/arguments";
import { linesOf, textOf } from "../model/result";
import styles from "./AgentActions.module.css";
import { Parameter } from "./Parameter";

const risks = {
  read: ["reads", "quiet"],
  low_impact_write: ["writes", "amber"],
  approval_required: ["approves", "red"],
} as const;

/** What an agent may do for a conversation with the assistant's tools; what changes something is asked twice. */
export function AgentActions({ conversationId }: { readonly conversationId: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState("");
  const actions = useQuery({
    queryKey: ["actions", conversationId],
    queryFn: ({ signal }) => listActions(conversationId, signal),
    enabled: open,
  });
  return (
    <details className={styles.actions} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("actions.title")}</summary>
      {open && (
        <div className={styles.acting}>
          <Loaded of={actions} rows={2}>
            {(all) =>
              all.length === 0 ? (
                <p>{t("actions.empty")}</p>
              ) : (
                <>
                  <p>{t("actions.about")}</p>
                  <Field label={t("actions.choose")}>
                    {(id) => (
                      <Select
                        id={id}
                        value={chosen || null}
                        options={all.map(({ name }) => ({ value: name, label: name }))}
                        onChange={(name) => setChosen(name ?? "")}
                      />
                    )}
                  </Field>
                  {all
                    .filter(({ name }) => name === chosen)
                    .map((one) => (
                      <Form key={one.name} action={one} conversationId={conversationId} />
                    ))}
                </>
              )
            }
          </Loaded>
        </div>
      )}
    </details>
  );
}

function Form({ action, conversationId }: { readonly action: Action; readonly conversationId: string }) {
  const t = useT();
  const [filled, setFilled] = useState<Readonly<Record<string, string>>>({});
  const [tried, setTried] = useState(false);
  const [risk, tone] = risks[action.risk];
  const args = argumentsOf(action.parameters, filled);
  const lacking = (action.parameters.required ?? []).filter((name) => !filled[name]?.trim());
  const ran = useAct(() => runAction(conversationId, action.name, args ?? {}), {
    refreshes: action.risk === "read" ? [] : [["summary", conversationId], ["tickets"]],
  });
  const run = () => {
    setTried(true);
    if (args !== null && lacking.length === 0) ran.mutate();
  };
  const act = { type: "primary", disabled: args === null, loading: ran.isPending } as const;
  return (
    <form
      className={styles.acting}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (action.risk === "read") run();
      }}
    >
      <p>{action.description}</p>
      <span className={styles.risk}>
        <Chip tone={tone}>{t(`actions.${risk}`)}</Chip>
      </span>
      {Object.entries(action.parameters.properties ?? {}).map(([name, schema]) => (
        <Parameter
          key={name}
          name={name}
          schema={schema}
          value={filled[name] ?? ""}
          fault={tried && lacking.includes(name) ? t("actions.needed") : ""}
          onValue={(value) => setFilled({ ...filled, [name]: value })}
        />
      ))}
      {action.risk === "read" ? (
        <Button {...act} htmlType="submit">
          {t("actions.run")}
        </Button>
      ) : (
        <Popconfirm
          title={t("actions.sure")}
          description={t("actions.sure_hint")}
          okText={t("actions.run")}
          cancelText={t("action.cancel")}
          onConfirm={run}
        >
          <Button {...act}>{t("actions.run")}</Button>
        </Popconfirm>
      )}
      {ran.data && <Outcome ended={ran.data} />}
    </form>
  );
}

function Outcome({ ended }: { readonly ended: Ended }) {
  const t = useT();
  const { message } = App.useApp();
  const word = `actions.${ended.outcome}`;
  const lines = linesOf(ended.result);
  const copy = () =>
    void navigator.clipboard?.writeText(textOf(lines)).then(() => message.success(t("actions.copied")));
  return (
    <>
      <p role="status">{hasWord(word) ? t(word) : ended.outcome}</p>
      <ul className={styles.told}>
        {lines.map(({ depth, name, value }, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a result is drawn once and never re-ordered
          <li key={n} style={{ paddingInlineStart: depth * 12 }}>
            {name && <span>{name}</span>} {value}
          </li>
        ))}
      </ul>
      {ended.outcome === "done" && (
        <Button size="small" onClick={copy}>
          {t("actions.to_reply")}
        </Button>
      )}
    </>
  );
}
