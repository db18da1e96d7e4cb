import { Input, Select } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { useTeams } from "../../../shared/people/agents";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { changeRule, createRule, type Rule, type RuleEntry, reasons } from "../api/rules";
import { priorities } from "../api/tickets";
import { entryOf, faultsOf } from "../model/rules";

interface Props {
  /** What is changed; null makes a new one. */
  readonly before: Rule | null;
  readonly onClose: () => void;
}

export function RuleForm({ before, onClose }: Props) {
  const t = useT();
  const teams = useTeams();
  const [entry, setEntry] = useState<RuleEntry>(() => entryOf(before));
  const [tried, setTried] = useState(false);
  const change = (more: Partial<RuleEntry>) => setEntry({ ...entry, ...more });
  const faults = tried ? faultsOf(entry) : new Set<keyof RuleEntry>();
  const saved = useSave(() => (before ? changeRule(before.id, entry) : createRule(entry)), {
    refreshes: [["ticket-rules"]],
    onDone: onClose,
  });
  const within = { getPopupContainer: (node: HTMLElement) => node.parentElement ?? document.body };
  const line = (name: "name" | "subject" | "label", most: number) => (id: string) => (
    <Input
      id={id}
      value={entry[name]}
      maxLength={most}
      status={faults.has(name) ? "error" : ""}
      aria-invalid={faults.has(name)}
      onChange={(event) => change({ [name]: event.target.value })}
    />
  );
  const title = t(before ? "rules.change" : "rules.make");
  return (
    <FormDialog
      title={title}
      saving={saved.saving}
      fault={saved.fault}
      onSend={() => {
        setTried(true);
        if (faultsOf(entry).size === 0) saved.save();
      }}
      onClose={onClose}
    >
      <Field
        label={t("rules.name")}
        hint={t("rules.name_hint")}
        fault={faults.has("name") ? t("rules.needed") : ""}
      >
        {line("name", 100)}
      </Field>
      <Field label={t("rules.reason")} fault={faults.has("handoff_reason") ? t("rules.asks_nothing") : ""}>
        {(id) => (
          <Select
            {...within}
            id={id}
            value={entry.handoff_reason}
            options={[
              { value: "", label: t("rules.any_reason") },
              ...reasons.map((value) => ({ value, label: t(`handoff.${value}`) })),
            ]}
            onChange={(handoff_reason) =>
              change({ handoff_reason: handoff_reason as RuleEntry["handoff_reason"] })
            }
          />
        )}
      </Field>
      <Field label={t("rules.label")} hint={t("rules.label_hint")}>
        {line("label", 40)}
      </Field>
      <Field
        label={t("tickets.subject")}
        hint={t("rules.subject_hint")}
        fault={faults.has("subject") ? t("rules.needed") : ""}
      >
        {line("subject", 200)}
      </Field>
      <Field label={t("tickets.priority")}>
        {(id) => (
          <Select
            {...within}
            id={id}
            value={entry.priority}
            options={priorities.map((value) => ({ value, label: t(`tickets.priority.${value}`) }))}
            onChange={(priority) => change({ priority })}
          />
        )}
      </Field>
      <Field label={t("tickets.team")}>
        {(id) => (
          <Select
            {...within}
            id={id}
            value={entry.team_id}
            options={[
              { value: "", label: t("rules.any_team") },
              ...(teams.data ?? []).map((one) => ({ value: one.id, label: one.name })),
            ]}
            onChange={(team_id) => change({ team_id })}
          />
        )}
      </Field>
    </FormDialog>
  );
}
