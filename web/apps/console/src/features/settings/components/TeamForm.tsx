import { Checkbox, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import type { Agent, Team } from "../../../shared/people/agents";
import { Choice } from "../../../shared/ui/Choice";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { saveTeam } from "../api/desk";

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
    <FormDialog
      title={title}
      ready={name.trim() !== ""}
      saving={saved.isPending}
      onSend={() => saved.mutate()}
      onClose={onClose}
    >
      <Field label={t("inboxes.name")}>
        {(id) => (
          <Input id={id} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Choice legend={t("settings.people")}>
        {agents.map((one) => (
          <Checkbox
            key={one.id}
            checked={members.includes(one.id)}
            onChange={(event) =>
              setMembers(event.target.checked ? [...members, one.id] : members.filter((id) => id !== one.id))
            }
          >
            {one.name}
          </Checkbox>
        ))}
      </Choice>
    </FormDialog>
  );
}
