import { Button, Checkbox, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import type { Agent, Team } from "../../../shared/people/agents";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { saveTeam } from "../api/desk";
import styles from "./Settings.module.css";

interface Props {
  readonly team: Team;
  readonly agents: readonly Agent[];
  readonly onClose: () => void;
}

export function TeamForm({ team, agents, onClose }: Props) {
  const t = useT();
  const [name, setName] = useState(team.name);
  const [members, setMembers] = useState<readonly string[]>(team.members);
  const saved = useAct(() => saveTeam(team.id, { name: name.trim(), members }), {
    refreshes: [["teams"], ["agents"]],
    onDone: onClose,
  });
  const title = t(team.id ? "replies.change" : "teams.make");
  return (
    <Dialog label={title} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saved.mutate();
        }}
      >
        <h2>{title}</h2>
        <Field label={t("inboxes.name")}>
          {(id) => (
            <Input id={id} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <fieldset className={styles.scopes}>
          <legend>{t("settings.people")}</legend>
          {agents.map((one) => (
            <Checkbox
              key={one.id}
              checked={members.includes(one.id)}
              onChange={(event) =>
                setMembers(
                  event.target.checked ? [...members, one.id] : members.filter((id) => id !== one.id),
                )
              }
            >
              {one.name}
            </Checkbox>
          ))}
        </fieldset>
        <Button type="primary" htmlType="submit" disabled={!name.trim()} loading={saved.isPending}>
          {t("action.save")}
        </Button>
      </form>
    </Dialog>
  );
}
