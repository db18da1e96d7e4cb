import { Button, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import inset from "../../../shared/ui/Inset.module.css";
import { type Tool, tryTool } from "../api/assistants";
import { argumentsOf, pretty } from "../model/arguments";
import { Parameter } from "./Parameter";
import styles from "./ToolTrial.module.css";

/** One call of a tool, with what an engine would be told. */
export function ToolTrial({ tool }: { readonly tool: Tool }) {
  const t = useT();
  const [filled, setFilled] = useState<Readonly<Record<string, string>>>({});
  const [conversation, setConversation] = useState("");
  const args = argumentsOf(tool.parameters, filled);
  const tried = useAct(() => tryTool(tool.name, args ?? {}, conversation.trim()));
  const asksForSomebody = /^get_/.test(tool.name);
  return (
    <form
      className={`${inset.inset} ${styles.trial}`}
      onSubmit={(event) => {
        event.preventDefault();
        tried.mutate();
      }}
    >
      {Object.entries(tool.parameters.properties ?? {}).map(([name, schema]) => (
        <Parameter
          key={name}
          name={name}
          schema={schema}
          value={filled[name] ?? ""}
          onValue={(value) => setFilled({ ...filled, [name]: value })}
        />
      ))}
      {asksForSomebody && (
        <Field label={t("tools.conversation")} hint={t("tools.conversation_hint")}>
          {(id) => (
            <Input id={id} value={conversation} onChange={(event) => setConversation(event.target.value)} />
          )}
        </Field>
      )}
      <Button type="primary" htmlType="submit" disabled={args === null} loading={tried.isPending}>
        {t("tools.run")}
      </Button>
      {tried.data && (
        <>
          <p role="status">{outcomeOf(t, tried.data.outcome, tried.data.took_ms)}</p>
          <pre className={styles.result}>{pretty(tried.data.result)}</pre>
        </>
      )}
    </form>
  );
}

function outcomeOf(t: ReturnType<typeof useT>, outcome: string, tookMs: number): string {
  const word = `tools.outcome.${outcome}`;
  return `${hasWord(word) ? t(word) : outcome} · ${t("deliveries.ms", { ms: Math.round(tookMs) })}`;
}
