import { useQuery } from "@tanstack/react-query";
import { Clock, Flag, Tag, UserRound, UsersRound } from "lucide-react";
import type { ReactNode } from "react";
import { dayAndTime } from "../../../shared/format/time";
import { useT } from "../../../shared/i18n/i18n";
import { useAgents, useTeams } from "../../../shared/people/agents";
import { prefs } from "../../../shared/prefs/prefs";
import { useMyId } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Chooser } from "../../../shared/ui/Chooser";
import * as api from "../api/conversations";
import { listLabels } from "../api/desk";
import { type Conversation, type Priority, priorities } from "../model/conversation";
import { snoozes, stampOf } from "../model/snooze";
import type { Acts } from "../model/useActs";
import styles from "./SidePanel.module.css";

export const handlingKeys = ["a", "p", "l", "z"] as const;
export type HandlingKey = (typeof handlingKeys)[number];

interface Props {
  readonly conversation: Conversation;
  readonly acts: Acts;
  /** Which of the choices a shortcut opened. */
  readonly asked: HandlingKey | "";
  readonly onAsked: (key: HandlingKey | "") => void;
}

/** Who has it, for which team, how urgent, what about, and until when it may wait. */
export function Handling({ conversation, acts, asked, onAsked }: Props) {
  const t = useT();
  const { locale } = useStore(prefs);
  const teams = useTeams().data ?? [];
  const { status, teamId, priority, labels, snoozedUntil } = conversation;
  const opening = (key: HandlingKey) => ({
    shortcut: key,
    open: asked === key,
    onOpen: (open: boolean) => onAsked(open ? key : ""),
  });
  return (
    <section className={styles.handling} aria-label={t("handling.label")}>
      <Assignee conversation={conversation} acts={acts} opening={opening("a")} />
      {status === "open" && teams.length > 0 && (
        <Line icon={<UsersRound size={14} strokeWidth={1.5} aria-hidden="true" />}>
          <Chooser
            label={t("handling.team")}
            value={teams.find((one) => one.id === teamId)?.name ?? t("handling.everybody")}
            look="quiet"
            options={[{ id: "", name: t("handling.everybody") }, ...teams].map((one) => ({
              key: one.id || "everybody",
              name: one.name,
              chosen: one.id === teamId,
            }))}
            onPick={(key) => acts.run("transfer", api.transfer(key === "everybody" ? "" : key))}
          >
            {teams.find((one) => one.id === teamId)?.name ?? t("handling.everybody")}
          </Chooser>
        </Line>
      )}
      <Line icon={<Flag size={14} strokeWidth={1.5} aria-hidden="true" />}>
        <Chooser
          {...opening("p")}
          label={t("handling.priority")}
          value={t(`priority.${priority || "none"}`)}
          look="quiet"
          options={priorities.map((one) => ({
            key: one || "none",
            name: t(`priority.${one || "none"}`),
            chosen: one === priority,
          }))}
          onPick={(key) => acts.run("priority", api.setPriority(key === "none" ? "" : (key as Priority)))}
        >
          {t(`priority.${priority || "none"}`)}
        </Chooser>
      </Line>
      <Labels labels={labels} acts={acts} opening={opening("l")} />
      {status !== "resolved" && (
        <Line icon={<Clock size={14} strokeWidth={1.5} aria-hidden="true" />}>
          <Chooser
            {...opening("z")}
            label={t("handling.snooze")}
            value={snoozedUntil > 0 ? t("snooze.until", { time: dayAndTime(snoozedUntil, locale) }) : ""}
            look="quiet"
            options={[
              ...(status === "snoozed" ? [{ key: "wake", name: t("snooze.wake") }] : []),
              ...snoozes(new Date()).map((one) => ({
                key: stampOf(one.at),
                name: t(`snooze.${one.name}`),
                about: dayAndTime(one.at.getTime(), locale),
              })),
            ]}
            onPick={(key) => acts.run("snooze", key === "wake" ? api.unsnooze : api.snooze(key))}
          >
            {snoozedUntil > 0
              ? t("snooze.until", { time: dayAndTime(snoozedUntil, locale) })
              : t("handling.snooze")}
          </Chooser>
        </Line>
      )}
    </section>
  );
}

interface Opening {
  readonly shortcut: string;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

function Assignee({
  conversation,
  acts,
  opening,
}: Pick<Props, "conversation" | "acts"> & { readonly opening: Opening }) {
  const t = useT();
  const myId = useMyId();
  const agents = useAgents().data ?? [];
  const { status, assigneeId } = conversation;
  if (status !== "open") return null;
  const holder = agents.find((one) => one.id === assigneeId);
  const shown = assigneeId ? (holder?.name ?? t("list.taken")) : t("list.unassigned");
  return (
    <Line icon={<UserRound size={14} strokeWidth={1.5} aria-hidden="true" />}>
      <Chooser
        {...opening}
        label={t("handling.assign")}
        value={shown}
        look="quiet"
        find={t("handling.find_agent")}
        options={agents.map((one) => ({
          key: one.id,
          name: one.id === myId ? t("handling.me", { name: one.name }) : one.name,
          about: `${t(`presence.${one.presence}`)} ${one.load}/${one.capacity}`,
          chosen: one.id === assigneeId,
        }))}
        onPick={(id) => acts.run("assign", id === myId ? api.takeOver : api.assign(id))}
      >
        {shown}
      </Chooser>
    </Line>
  );
}

function Labels({
  labels,
  acts,
  opening,
}: Pick<Conversation, "labels"> & Pick<Props, "acts"> & { readonly opening: Opening }) {
  const t = useT();
  const known = useQuery({ queryKey: ["labels"], queryFn: ({ signal }) => listLabels(signal) });
  const all = [...new Set([...labels, ...(known.data ?? [])])];
  const toggle = (name: string) =>
    acts.run(
      "labels",
      api.setLabels(labels.includes(name) ? labels.filter((one) => one !== name) : [...labels, name]),
    );
  return (
    <Line icon={<Tag size={14} strokeWidth={1.5} aria-hidden="true" />}>
      <Chooser
        {...opening}
        label={t("handling.labels")}
        value={labels.join(" ") || t("handling.no_labels")}
        look="quiet"
        many
        find={t("handling.find_label")}
        options={all.map((one) => ({ key: one, name: one, chosen: labels.includes(one) }))}
        onPick={toggle}
        onNew={toggle}
      >
        {labels.length > 0 ? labels.map((one) => <i key={one}>{`${one} `}</i>) : t("handling.no_labels")}
      </Chooser>
    </Line>
  );
}

function Line({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <div className={styles.line}>
      {icon}
      {children}
    </div>
  );
}
