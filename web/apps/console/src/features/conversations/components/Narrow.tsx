import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ListFilter } from "lucide-react";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { useAgents, useTeams } from "../../../shared/people/agents";
import { Chooser } from "../../../shared/ui/Chooser";
import { listLabels } from "../api/desk";
import { priorities } from "../model/conversation";
import { type Filter, type Narrowing, narrowings } from "../model/views";
import { searchOf } from "./ConversationList";
import styles from "./Views.module.css";

interface Props {
  readonly filter: Filter;
  readonly inboxes: readonly { readonly id: string; readonly name: string }[];
  /** To give what is chosen a name. */
  readonly onKeep: () => void;
}

const keep = "keep";

type Choice = readonly [Narrowing, string, string];

/** Only of one team, one label, one priority…; each stands in the address. */
export function Narrow({ filter, inboxes, onKeep }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const choices = useChoices(filter, inboxes);
  const chosen = (part: Narrowing, value: string) => filter[part] === value;
  const count = narrowings.filter((one) => filter[one]).length;
  const toggle = (key: string) => {
    if (key === keep) {
      setOpen(false);
      return onKeep();
    }
    const [part, value] = JSON.parse(key) as [Narrowing, string];
    const next = { ...filter, [part]: chosen(part, value) ? undefined : value };
    void navigate({ to: "/conversations", search: searchOf(next) });
  };
  return (
    <span className={styles.narrow} data-current={count > 0}>
      <Chooser
        label={t("list.narrow")}
        look="quiet"
        many
        find={t("list.narrow_find")}
        options={[
          ...choices.map(([part, value, name]) => ({
            key: JSON.stringify([part, value]),
            name,
            about: t(`list.narrow.${part}`),
            chosen: chosen(part, value),
          })),
          ...(count > 0 ? [{ key: keep, name: t("views.keep") }] : []),
        ]}
        onPick={toggle}
        open={open}
        onOpen={setOpen}
      >
        <ListFilter size={16} strokeWidth={1.5} aria-hidden="true" />
        {count > 0 && count}
      </Chooser>
    </span>
  );
}

function useChoices({ view }: Filter, inboxes: Props["inboxes"]): readonly Choice[] {
  const t = useT();
  const labels = useQuery({ queryKey: ["labels"], queryFn: ({ signal }) => listLabels(signal) });
  const teams = useTeams();
  const agents = useAgents();
  const ofAll = view !== "mine" && view !== "waiting";
  return [
    ["vip", "yes", t("vip.label")],
    ...priorities.flatMap((one) => (one ? [["priority", one, t(`priority.${one}`)] as const] : [])),
    ...(labels.data ?? []).map((one) => ["label", one, one] as const),
    ...(teams.data ?? []).map((one) => ["team", one.id, one.name] as const),
    ...(ofAll ? (agents.data ?? []) : []).map((one) => ["assignee", one.id, one.name] as const),
    ...(inboxes.length > 1 ? inboxes : []).map((one) => ["inbox", one.id, one.name] as const),
  ];
}
