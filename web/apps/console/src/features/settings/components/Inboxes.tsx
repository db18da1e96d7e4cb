import { Link } from "@tanstack/react-router";
import { Button, Skeleton } from "antd";
import { lazy, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Lead } from "../../../shared/ui/Lead";
import opens from "../../../shared/ui/Opens.module.css";
import { Rows } from "../../../shared/ui/Rows";
import { channelName } from "../model/channels";
import { useInboxes } from "../model/inboxes";
import { NewInbox } from "./NewInbox";
import styles from "./Settings.module.css";
import type { Place } from "./SettingsPage";

const InboxDetail = lazy(async () => ({ default: (await import("./InboxDetail")).InboxDetail }));

/** The doors that visitors come in by; one of them opened shows how to put it up. */
export function Inboxes({ id, governs, onShow, doorOf }: Place) {
  const t = useT();
  const [making, setMaking] = useState(false);
  const inboxes = useInboxes();
  if (inboxes.isPending) return <Skeleton active />;
  if (inboxes.isError) return <Failure error={inboxes.error} retry={() => void inboxes.refetch()} />;
  const chosen = inboxes.data.find((one) => one.id === id);
  if (chosen) return <InboxDetail inbox={chosen} governs={governs} door={doorOf(chosen)} />;
  return (
    <>
      <Lead about={t("inboxes.about")}>
        {governs && (
          <Button type="primary" onClick={() => setMaking(true)}>
            {t("inboxes.make")}
          </Button>
        )}
      </Lead>
      {inboxes.data.length === 0 ? (
        <Empty title={t("inboxes.empty")} hint={t("inboxes.empty_hint")} />
      ) : (
        <Rows>
          {inboxes.data.map((inbox) => (
            <li key={inbox.id} className={`${styles.card} ${styles.key}`}>
              <div>
                <h2>
                  <Link to="/settings" search={{ tab: "inboxes", id: inbox.id }} className={opens.link ?? ""}>
                    {inbox.name}
                  </Link>
                </h2>
                <p className={styles.about}>
                  {channelName(inbox.channel, t)}
                  {inbox.assistant_name && ` · ${inbox.assistant_name}`}
                </p>
              </div>
              {inbox.channel === "web" && (
                <span className={styles.about}>
                  {inbox.allowed_origins.length > 0
                    ? t("inboxes.origins", { list: inbox.allowed_origins.join(", ") })
                    : t("inboxes.any_origin")}
                </span>
              )}
            </li>
          ))}
        </Rows>
      )}
      {making && (
        <NewInbox
          onClose={() => setMaking(false)}
          onMade={(made) => onShow({ tab: "inboxes", id: made.id })}
        />
      )}
    </>
  );
}
