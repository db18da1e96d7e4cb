import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { ChevronDown } from "lucide-react";
import { useEffect } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import type { Presence as State } from "../../../shared/people/agents";
import { line } from "../../../shared/realtime/line";
import { useMyId } from "../../../shared/session/session";
import { Chooser } from "../../../shared/ui/Chooser";
import { PresenceDot } from "../../../shared/ui/PresenceDot";
import { getPresence, setPresence } from "../api/desk";
import { useListing } from "../model/lists";
import { chosen } from "../model/useIdle";
import { mine } from "../model/views";
import { Mentions } from "./Mentions";
import styles from "./Presence.module.css";

const states: readonly State[] = ["online", "away", "offline"];

/** Whether I am there, and how much I have of what I can take. */
export function Presence() {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const myId = useMyId();
  const load = useListing(mine).rows.length;
  const me = useQuery({ queryKey: ["presence"], queryFn: ({ signal }) => getPresence(signal) });
  const set = useMutation({
    mutationFn: setPresence,
    onSuccess: (agent) => {
      client.setQueryData(["presence"], agent);
      void client.invalidateQueries({ queryKey: ["agents"] });
    },
    onError: (error) => void message.error(plainWords(error)),
  });
  useEffect(
    () =>
      line.onFeed((frame) => {
        if (frame.t !== "presence.updated") return;
        void client.invalidateQueries({ queryKey: ["agents"] });
        if ((frame as { agent?: string }).agent === myId)
          void client.invalidateQueries({ queryKey: ["presence"] });
      }),
    [client, myId],
  );
  if (!me.data) return null;
  const { presence, capacity } = me.data;
  return (
    <div className={styles.presence}>
      <Chooser
        label={t("presence.label", { state: t(`presence.${presence}`) })}
        look="plain"
        options={states.map((one) => ({
          key: one,
          name: t(`presence.${one}`),
          about: t(`presence.${one}.about`),
          chosen: one === presence,
          mark: <PresenceDot presence={one} />,
        }))}
        onPick={(key) => {
          chosen();
          set.mutate(key as State);
        }}
      >
        <PresenceDot presence={presence} />
        {t(`presence.${presence}`)}
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </Chooser>
      <Mentions />
      <span className={styles.load} data-full={load >= capacity}>
        {t("presence.load", { load, capacity })}
      </span>
    </div>
  );
}
