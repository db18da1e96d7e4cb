import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Facts } from "../../../shared/ui/Facts";
import { Loaded } from "../../../shared/ui/Loaded";
import { type Finding, getDoor, tryDoor } from "../api/channels";
import { failureOf, told } from "../model/findings";
import styles from "./Channels.module.css";
import { MailAccount } from "./MailAccount";
import { TelegramAccount } from "./TelegramAccount";
import { WeComAccount } from "./WeComAccount";

interface Props {
  readonly inbox: { readonly id: string; readonly channel: string };
}

/** A door of others' make: its account there, whether it works, and what came and went through it last. */
export function Door({ inbox }: Props) {
  return (
    <>
      <Standing inbox={inbox} />
      {inbox.channel === "telegram" && <TelegramAccount inboxId={inbox.id} />}
      {inbox.channel === "wecom" && <WeComAccount inboxId={inbox.id} />}
      {inbox.channel === "mail" && <MailAccount inboxId={inbox.id} />}
    </>
  );
}

function Standing({ inbox }: Props) {
  const t = useT();
  const { locale } = useStore(prefs);
  const door = useQuery({ queryKey: ["door", inbox.id], queryFn: ({ signal }) => getDoor(inbox.id, signal) });
  const tried = useAct(() => tryDoor(inbox.id), { refreshes: [["door", inbox.id]] });
  const moment = (at: string | null) => (at ? dayAndTime(toMs(at), locale) : t("door.never"));
  return (
    <section className={styles.block} aria-labelledby="door">
      <h3 id="door">{t("door.title")}</h3>
      <Loaded of={door} rows={2}>
        {(found) =>
          found.set_up ? (
            <>
              <Facts
                className={styles.facts}
                of={[
                  [t("door.heard"), moment(found.heard_at)],
                  [t("door.sent"), moment(found.sent_at)],
                  [
                    t("door.failed"),
                    [moment(found.failed_at), found.failure && failureOf(t, found.failure)]
                      .filter(Boolean)
                      .join(" · "),
                  ],
                ]}
              />
              <Button loading={tried.isPending} onClick={() => tried.mutate()}>
                {t("door.test")}
              </Button>
              <div role="status">
                {tried.data?.works && <p className={styles.well}>{t("door.tested")}</p>}
                {tried.data?.findings.map((one) => (
                  <Said key={one.part + one.code} channel={inbox.channel} finding={one} />
                ))}
              </div>
            </>
          ) : (
            <p className={styles.about}>{t("door.not_set_up")}</p>
          )
        }
      </Loaded>
    </section>
  );
}

function Said({ channel, finding }: { readonly channel: string; readonly finding: Finding }) {
  const t = useT();
  return (
    <p className={styles.finding}>
      {told(t, channel, finding)}
      {finding.detail && (
        <small>
          {t("door.vendor_says")}: {finding.detail}
        </small>
      )}
    </p>
  );
}
