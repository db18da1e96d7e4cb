import { Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { type Agent, type Team, useAgents, useTeams } from "../../../shared/people/agents";
import { Empty } from "../../../shared/ui/Empty";
import { Field } from "../../../shared/ui/Field";
import { Lead } from "../../../shared/ui/Lead";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { deleteTeam, setAbilities } from "../api/desk";
import detail from "./Detail.module.css";
import styles from "./Settings.module.css";
import { TeamForm } from "./TeamForm";

const spoken = ["zh", "en"] as const;

/** Who serves what, in which language, and how many at a time. */
export function Teams() {
  const t = useT();
  const teams = useTeams();
  const agents = useAgents();
  const [open, setOpen] = useState<Team | null>(null);
  return (
    <Loaded of={teams}>
      {(all) => (
        <>
          <Lead about={t("teams.about")}>
            <Button type="primary" onClick={() => setOpen({ id: "", name: "", members: [] })}>
              {t("teams.make")}
            </Button>
          </Lead>
          {all.length === 0 ? (
            <Empty title={t("teams.empty")} hint={t("teams.empty_hint")} />
          ) : (
            <Rows>
              {all.map((one) => (
                <TeamRow key={one.id} team={one} agents={agents.data ?? []} onOpen={() => setOpen(one)} />
              ))}
            </Rows>
          )}
          <section className={`${detail.block} ${detail.apart}`} aria-labelledby="abilities">
            <h2 id="abilities">{t("teams.abilities")}</h2>
            <p className={styles.about}>{t("teams.abilities_about")}</p>
            <Rows>
              {(agents.data ?? []).map((one) => (
                <Abilities key={one.id} agent={one} />
              ))}
            </Rows>
          </section>
          {open && <TeamForm team={open} agents={agents.data ?? []} onClose={() => setOpen(null)} />}
        </>
      )}
    </Loaded>
  );
}

interface RowProps {
  readonly team: Team;
  readonly agents: readonly Agent[];
  readonly onOpen: () => void;
}

function TeamRow({ team, agents, onOpen }: RowProps) {
  const t = useT();
  const gone = useAct(() => deleteTeam(team.id), { refreshes: [["teams"], ["agents"]] });
  const names = team.members.map((id) => agents.find((one) => one.id === id)?.name ?? "").filter(Boolean);
  return (
    <li className={`${styles.card} ${styles.key}`}>
      <div>
        <h2>{team.name}</h2>
        <p className={styles.about}>{names.join(" · ") || t("teams.nobody")}</p>
      </div>
      <span className={styles.acts}>
        <Button onClick={onOpen}>{t("replies.change")}</Button>
        <Button danger loading={gone.isPending} onClick={() => gone.mutate()}>
          {t("replies.delete")}
        </Button>
      </span>
    </li>
  );
}

function Abilities({ agent }: { readonly agent: Agent }) {
  const t = useT();
  const { capacity, skills, languages } = agent;
  const [wanted, setWanted] = useState({ capacity, skills, languages });
  const saved = useAct(() => setAbilities(agent.id, wanted), { refreshes: [["agents"], ["presence"]] });
  const same = JSON.stringify(wanted) === JSON.stringify({ capacity, skills, languages });
  return (
    <li className={styles.card}>
      <form
        className={styles.abilities}
        onSubmit={(event) => {
          event.preventDefault();
          saved.mutate();
        }}
      >
        <h3>{agent.name}</h3>
        <Field label={t("teams.capacity")}>
          {(id) => (
            <InputNumber
              id={id}
              min={0}
              max={100}
              precision={0}
              value={wanted.capacity}
              onChange={(value) => setWanted({ ...wanted, capacity: value ?? 0 })}
            />
          )}
        </Field>
        <Field label={t("teams.languages")}>
          {(id) => (
            <Select
              id={id}
              mode="multiple"
              value={[...wanted.languages]}
              options={spoken.map((one) => ({ value: one, label: one === "zh" ? "中文" : "English" }))}
              placeholder={t("teams.any")}
              onChange={(next) => setWanted({ ...wanted, languages: next })}
            />
          )}
        </Field>
        <Field label={t("teams.skills")}>
          {(id) => (
            <Select
              id={id}
              mode="tags"
              open={false}
              suffixIcon={null}
              tokenSeparators={[",", "，", " "]}
              value={[...wanted.skills]}
              placeholder={t("teams.skills_hint")}
              onChange={(next) => setWanted({ ...wanted, skills: next })}
            />
          )}
        </Field>
        <Button htmlType="submit" disabled={same} loading={saved.isPending}>
          {t("action.save")}
        </Button>
      </form>
    </li>
  );
}
