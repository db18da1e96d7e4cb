import { useQuery } from "@tanstack/react-query";
import { CircleAlert, Clock } from "lucide-react";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { listSendings, type Sending } from "../api/desk";
import styles from "./Sendings.module.css";

const everyMs = 5000;

/** How what we said fares on its way to who is outside, by `seq`; only what did not arrive, or not yet. */
export function useSendings(id: string, outside: boolean, last: number): ReadonlyMap<number, Sending> {
  const list = useQuery({
    queryKey: ["sendings", id, last],
    queryFn: ({ signal }) => listSendings(id, signal),
    enabled: outside,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => (state.data?.some(isUnderway) ? everyMs : false),
  });
  const open = (list.data ?? []).filter((one) => one.state !== "sent");
  return new Map(open.map((one) => [one.seq, one]));
}

const isUnderway = (one: Sending): boolean => one.state === "waiting" || one.state === "sending";

/** Below what we said: that it did not arrive, and why; or that it is still on its way. */
export function Fares({ sending }: { readonly sending: Sending | undefined }) {
  const t = useT();
  if (!sending) return null;
  const word = `sending.${sending.state}`;
  const Icon = isUnderway(sending) ? Clock : CircleAlert;
  return (
    <p className={styles.fares} data-state={sending.state}>
      <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
      <span>{hasWord(word) ? t(word) : sending.state}</span>
      {sending.detail && !isUnderway(sending) && <span>{t("sending.why", { detail: sending.detail })}</span>}
    </p>
  );
}
