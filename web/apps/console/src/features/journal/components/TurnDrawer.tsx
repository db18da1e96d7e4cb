import { useQuery } from "@tanstack/react-query";
import { Drawer, Skeleton } from "antd";
import { fullStamp } from "../../../shared/format/time";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Failure } from "../../../shared/ui/Failure";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import { getTurn, listAttempts } from "../api/turns";
import { costOf, money } from "../model/attempts";
import { bars, sumOf, type Turn, took, totalMs } from "../model/turn";
import { AskAgain } from "./AskAgain";
import { Attempts } from "./Attempts";
import { KeepCase } from "./KeepCase";
import { StageRow } from "./StageRow";
import styles from "./TurnDrawer.module.css";

interface Props {
  readonly turnId: string;
  /** The assistant's message that came of it; "" where it is not known. */
  readonly messageId: string;
  readonly onClose: () => void;
  readonly onPassage: (chunkId: string) => void;
}

/** Why it was answered so: the turn's stages as a waterfall, with what each of them found. */
export function TurnDrawer({ turnId, messageId, onClose, onPassage }: Props) {
  const t = useT();
  useFocusBack();
  const turn = useQuery({ queryKey: ["turn", turnId], queryFn: ({ signal }) => getTurn(turnId, signal) });
  return (
    <Drawer
      open
      title={t("turn.title")}
      onClose={onClose}
      size={640}
      closable={{ "aria-label": t("action.close") }}
    >
      {turn.isPending && <Skeleton active />}
      {turn.isError && <Failure error={turn.error} retry={() => void turn.refetch()} />}
      {turn.data && <Waterfall turn={turn.data} messageId={messageId} onPassage={onPassage} />}
    </Drawer>
  );
}

function Waterfall({
  turn,
  messageId,
  onPassage,
}: { readonly turn: Turn } & Pick<Props, "messageId" | "onPassage">) {
  const t = useT();
  const { locale } = useStore(prefs);
  const outcome = `turn.outcome.${turn.outcome}`;
  const reason = `handoff.${turn.reason}`;
  const sum = sumOf(turn);
  const attempts = useQuery({
    queryKey: ["turn", turn.id, "attempts"],
    queryFn: ({ signal }) => listAttempts(turn.id, signal),
  });
  const tries = attempts.data ?? [];
  const tokens = sum.inputTokens + sum.outputTokens;
  const facts: readonly (readonly [string, string])[] = [
    [t("turn.sum.whole"), took(totalMs(turn))],
    [t("turn.sum.first"), sum.firstMs === null ? "" : took(sum.firstMs)],
    [t("turn.sum.route"), turn.route],
    [t("turn.sum.attempts"), tries.length > 1 ? String(tries.length) : ""],
    [t("turn.sum.tokens"), tokens > 0 ? `${sum.inputTokens} + ${sum.outputTokens}` : ""],
    [t("turn.sum.cost"), tries.length > 0 ? money(costOf(tries)) : ""],
  ];
  return (
    <>
      <p className={styles.sum}>
        <strong>{hasWord(outcome) ? t(outcome) : turn.outcome}</strong>
        {turn.reason && <span>{hasWord(reason) ? t(reason) : turn.reason}</span>}
        {turn.startedAt > 0 && <time>{fullStamp(turn.startedAt, locale)}</time>}
      </p>
      <dl className={styles.totals}>
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <ol className={styles.stages}>
        {bars(turn).map((bar) => (
          <StageRow key={`${bar.stage.name}-${bar.stage.atMs}`} bar={bar} onPassage={onPassage} />
        ))}
      </ol>
      <Attempts attempts={tries} />
      <AskAgain turnId={turn.id} />
      <KeepCase turnId={turn.id} messageId={messageId} />
      <p className={styles.id}>{turn.id}</p>
    </>
  );
}
