import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { useTeams } from "../../../shared/people/agents";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { deleteRule, listRules, type Rule } from "../api/rules";
import { RuleForm } from "./RuleForm";
import styles from "./Rules.module.css";
import { Targets } from "./Targets";

interface Props {
  readonly inboxes: readonly { readonly id: string; readonly name: string }[];
}

/** What opens tickets by itself, and until when they should be done. */
export function Rules({ inboxes }: Props) {
  const t = useT();
  const [open, setOpen] = useState<Rule | "new" | null>(null);
  const rules = useQuery({ queryKey: ["ticket-rules"], queryFn: ({ signal }) => listRules(signal) });
  return (
    <>
      <section className={styles.part} aria-labelledby="rules">
        <header className={styles.bar}>
          <div>
            <h2 id="rules">{t("rules.title")}</h2>
            <p>{t("rules.about")}</p>
          </div>
          <Button type="primary" onClick={() => setOpen("new")}>
            {t("rules.make")}
          </Button>
        </header>
        <Loaded of={rules} rows={2}>
          {(all) =>
            all.length === 0 ? (
              <Empty title={t("rules.empty")} hint={t("rules.empty_hint")} />
            ) : (
              <Rows>
                {all.map((one) => (
                  <Row key={one.id} rule={one} onOpen={() => setOpen(one)} />
                ))}
              </Rows>
            )
          }
        </Loaded>
      </section>
      <Targets inboxes={inboxes} />
      {open && <RuleForm before={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Row({ rule, onOpen }: { readonly rule: Rule; readonly onOpen: () => void }) {
  const t = useT();
  const teams = useTeams();
  const gone = useAct(() => deleteRule(rule.id), { refreshes: [["ticket-rules"]] });
  const when = [
    rule.handoff_reason && t("rules.when_reason", { reason: t(`handoff.${rule.handoff_reason}`) }),
    rule.label && t("rules.when_label", { label: rule.label }),
  ];
  const then = [
    `“${rule.subject}”`,
    t(`tickets.priority.${rule.priority}`),
    teams.data?.find((one) => one.id === rule.team_id)?.name,
  ];
  return (
    <li className={styles.card}>
      <div>
        <h3>{rule.name}</h3>
        <p>
          {when.filter(Boolean).join(t("rules.and"))} → {then.filter(Boolean).join(" · ")}
        </p>
      </div>
      <Button onClick={onOpen}>{t("replies.change")}</Button>
      <Button danger loading={gone.isPending} onClick={() => gone.mutate()}>
        {t("replies.delete")}
      </Button>
    </li>
  );
}
