import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { App, Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { useSettled } from "../../../shared/useSettled";
import { getTargets, previewTargets, setTargets, type Targets as Wanted } from "../api/rules";
import { type Priority, priorities } from "../api/tickets";
import { faultsOfTargets, mostMinutes, type Unit, unitMinutes, unitOf } from "../model/rules";
import styles from "./Rules.module.css";

interface Props {
  readonly inboxes: readonly { readonly id: string; readonly name: string }[];
}

/** Until when tickets should be done, by how urgent they are; beside each, when one opened now would be due. */
export function Targets({ inboxes }: Props) {
  const t = useT();
  const targets = useQuery({ queryKey: ["ticket-targets"], queryFn: ({ signal }) => getTargets(signal) });
  return (
    <section className={styles.part} aria-labelledby="targets">
      <header className={styles.bar}>
        <div>
          <h2 id="targets">{t("targets.title")}</h2>
          <p>{t("targets.about")}</p>
        </div>
      </header>
      <Loaded of={targets}>
        {(found) => <Table key={JSON.stringify(found)} before={found} inboxes={inboxes} />}
      </Loaded>
    </section>
  );
}

function Table({ before, inboxes }: Props & { readonly before: Wanted }) {
  const t = useT();
  const { message } = App.useApp();
  const { locale } = useStore(prefs);
  const [wanted, setWanted] = useState(before);
  const [inbox, setInbox] = useState(inboxes[0]?.id ?? "");
  const faults = faultsOfTargets(wanted);
  const right = Object.keys(faults).length === 0;
  const asked = useSettled(wanted, 300);
  const dues = useQuery({
    queryKey: ["ticket-targets", "preview", asked, inbox],
    queryFn: ({ signal }) => previewTargets(asked, inbox, signal),
    enabled: Object.keys(faultsOfTargets(asked)).length === 0,
    placeholderData: keepPreviousData,
  });
  const saved = useAct(() => setTargets(wanted), {
    refreshes: [["ticket-targets"]],
    onDone: () => void message.success(t("inboxes.saved")),
  });
  const due = (priority: Priority) =>
    right && dues.data ? dayAndTime(toMs(dues.data[priority]), locale) : "—";
  return (
    <form
      className={styles.targets}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (right) saved.mutate();
      }}
    >
      <Field label={t("targets.hours_of")} hint={t("targets.hours_hint")}>
        {(id) => (
          <Select
            id={id}
            value={inbox}
            options={[
              { value: "", label: t("targets.every_hour") },
              ...inboxes.map((one) => ({ value: one.id, label: one.name })),
            ]}
            onChange={setInbox}
          />
        )}
      </Field>
      <Rows>
        {priorities.map((priority) => (
          <Target
            key={priority}
            priority={priority}
            minutes={wanted[priority]}
            fault={faults[priority] ? t(`targets.${faults[priority]}`) : ""}
            due={due(priority)}
            onMinutes={(minutes) => setWanted({ ...wanted, [priority]: minutes })}
          />
        ))}
      </Rows>
      <Button
        type="primary"
        htmlType="submit"
        disabled={!right || JSON.stringify(wanted) === JSON.stringify(before)}
        loading={saved.isPending}
      >
        {t("action.save")}
      </Button>
    </form>
  );
}

interface TargetProps {
  readonly priority: Priority;
  readonly minutes: number;
  readonly fault: string;
  readonly due: string;
  readonly onMinutes: (minutes: number) => void;
}

function Target({ priority, minutes, fault, due, onMinutes }: TargetProps) {
  const t = useT();
  const [unit, setUnit] = useState<Unit>(() => unitOf(minutes));
  const label = t(`tickets.priority.${priority}`);
  return (
    <li className={styles.target}>
      <Field label={label} fault={fault}>
        {(id) => (
          <span className={styles.span}>
            <InputNumber
              id={id}
              className={styles.count ?? ""}
              min={1}
              max={Math.floor(mostMinutes / unitMinutes[unit])}
              precision={0}
              value={minutes / unitMinutes[unit]}
              status={fault ? "error" : ""}
              aria-invalid={fault !== ""}
              onChange={(count) => onMinutes((count ?? 0) * unitMinutes[unit])}
            />
            <Select
              value={unit}
              aria-label={t("targets.unit", { priority: label })}
              options={(["minutes", "hours"] as const).map((value) => ({
                value,
                label: t(`targets.${value}`),
              }))}
              onChange={(next) => {
                onMinutes(Math.max(1, Math.round(minutes / unitMinutes[unit])) * unitMinutes[next]);
                setUnit(next);
              }}
            />
          </span>
        )}
      </Field>
      <p>
        {t("targets.due")}
        <strong>{due}</strong>
      </p>
    </li>
  );
}
