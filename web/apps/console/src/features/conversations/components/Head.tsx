import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { ArrowLeft, PanelRight } from "lucide-react";
import { useNow } from "../../../shared/format/clock";
import { duration } from "../../../shared/format/time";
import { urgency } from "../../../shared/format/waiting";
import { useT } from "../../../shared/i18n/i18n";
import { useKeys } from "../../../shared/keys/keys";
import { useAgentName } from "../../../shared/people/agents";
import { useMyId } from "../../../shared/session/session";
import { IconButton } from "../../../shared/ui/IconButton";
import { getPlace } from "../api/desk";
import { type Conversation, isQueued } from "../model/conversation";
import type { Acts } from "../model/useActs";
import styles from "./Head.module.css";
import { useName } from "./useName";
import { Viewers } from "./Viewers";

interface Props {
  readonly conversation: Conversation;
  readonly inbox: string;
  readonly acts: Acts;
  readonly panel: boolean;
  readonly onPanel: () => void;
  readonly onBack: () => void;
}

/** Who it is, how it stands, and what one most often does about it; the rest stands in the side panel. */
export function Head({ conversation, inbox, acts, panel, onPanel, onBack }: Props) {
  const t = useT();
  const nameOf = useName();
  const { status, assigneeId } = conversation;
  const mine = useMyId() === assigneeId && status === "open";
  const mayTake = !mine;
  const mayHand = status === "open";
  const mayResolve = status !== "resolved";
  useKeys({
    ...(mayTake && { t: acts.take }),
    ...(mayHand && { h: acts.handBack }),
    ...(mayResolve && { e: acts.resolve }),
    Escape: onBack,
    i: onPanel,
  });
  const again = status === "resolved" || status === "snoozed";
  const taking = again ? "act.reopen" : isQueued(conversation) ? "act.claim" : "act.take_over";

  return (
    <header className={styles.head}>
      <span className={styles.back}>
        <IconButton icon={ArrowLeft} name={t("thread.back")} onClick={onBack} />
      </span>
      <div className={styles.who}>
        <h1>{nameOf(conversation)}</h1>
        <p>
          {inbox && <span>{inbox}</span>}
          <Standing conversation={conversation} mine={mine} />
          <Viewers id={conversation.id} />
        </p>
      </div>
      <div className={styles.acts}>
        {mayHand && (
          <Button onClick={acts.handBack} loading={acts.busy === "hand-back"} aria-keyshortcuts="h">
            {t("act.hand_back")}
          </Button>
        )}
        {mayTake && (
          <Button
            type={status === "resolved" ? "default" : "primary"}
            onClick={acts.take}
            loading={acts.busy === "take"}
            aria-keyshortcuts="t"
          >
            {t(taking)}
          </Button>
        )}
        {mayResolve && (
          <Button onClick={acts.resolve} loading={acts.busy === "resolve"} aria-keyshortcuts="e">
            {t("act.resolve")}
          </Button>
        )}
        <IconButton icon={PanelRight} name={t("thread.panel")} hint="I" pressed={panel} onClick={onPanel} />
      </div>
    </header>
  );
}

function Standing({ conversation, mine }: { readonly conversation: Conversation; readonly mine: boolean }) {
  const t = useT();
  const agentName = useAgentName();
  const { status, waitingSince, assigneeId } = conversation;
  if (status === "pending") return <span className={styles.assistant}>{t("thread.assistant")}</span>;
  if (status !== "open") return <span>{t(`status.${status}`)}</span>;
  const name = agentName(assigneeId);
  const whose = mine ? t("thread.mine") : name ? t("thread.with", { name }) : t("thread.colleague");
  return (
    <>
      {waitingSince > 0 && <Waiting since={waitingSince} />}
      <span className={styles.human}>{assigneeId ? whose : t("list.unassigned")}</span>
      {!assigneeId && <Place conversation={conversation} />}
    </>
  );
}

/** Where it stands in the queue, and about how long that will take, as the visitor is told. */
function Place({ conversation }: { readonly conversation: Conversation }) {
  const t = useT();
  const { id, updatedAt, priority, teamId } = conversation;
  const place = useQuery({
    queryKey: ["place", id, updatedAt, priority, teamId],
    queryFn: ({ signal }) => getPlace(id, signal),
    placeholderData: (before) => before,
  });
  if (!place.data?.position) return null;
  const { position: n, estimate_s } = place.data;
  const words = estimate_s
    ? t("thread.place_soon", { n, m: Math.ceil(estimate_s / 60) })
    : t("thread.place", { n });
  return <span>{words}</span>;
}

function Waiting({ since }: { readonly since: number }) {
  const t = useT();
  const waits = useNow() - since;
  return <span className={styles[urgency(waits)]}>{t("thread.waiting", { time: duration(waits) })}</span>;
}
