import type { ReactNode } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { CopyText } from "../../../shared/ui/CopyText";
import type { Inbox } from "../api/settings";
import { channelName } from "../model/channels";
import { pageOf } from "../model/embed";
import { BackLink } from "./BackLink";
import detail from "./Detail.module.css";
import { Embed } from "./Embed";
import { InboxBasics } from "./InboxBasics";
import { InboxHours } from "./InboxHours";
import { InboxServing } from "./InboxServing";
import styles from "./Settings.module.css";
import { WeChatAccount } from "./WeChatAccount";
import { WeChatMenu } from "./WeChatMenu";

interface Props {
  readonly inbox: Inbox;
  readonly governs: boolean;
  /** What other rooms show of it. */
  readonly door: ReactNode;
}

/** One door: how it is put up, who may, and how it looks. */
export function InboxDetail({ inbox, governs, door }: Props) {
  const t = useT();
  return (
    <>
      <BackLink tab="inboxes" words={t("inboxes.all")} />
      <header className={styles.detail}>
        <h2>{inbox.name}</h2>
        <p className={styles.about}>
          {channelName(inbox.channel, t)}
          {inbox.assistant_name && ` · ${inbox.assistant_name}`}
        </p>
      </header>
      {inbox.channel !== "web" && governs && (
        <>
          {door}
          {inbox.channel === "wechat" && (
            <>
              <WeChatAccount inbox={inbox} />
              <WeChatMenu inboxId={inbox.id} />
            </>
          )}
          <InboxBasics inbox={inbox} />
          <InboxServing id={inbox.id} />
          <InboxHours id={inbox.id} />
        </>
      )}
      {inbox.channel === "web" && (
        <Embed inbox={inbox}>
          <PlainPage siteKey={inbox.site_key} name={inbox.name} />
          {governs && (
            <>
              <InboxBasics inbox={inbox} />
              <InboxServing id={inbox.id} />
              <InboxHours id={inbox.id} />
            </>
          )}
        </Embed>
      )}
      {inbox.channel === "api" && <p className={styles.about}>{t("inboxes.api_about")}</p>}
      {inbox.channel === "wechat" && <PlainPage siteKey={inbox.site_key} name={inbox.name} />}
    </>
  );
}

/** The address for who has no site: to be sent, or printed. */
function PlainPage({ siteKey, name }: { readonly siteKey: string; readonly name: string }) {
  const t = useT();
  const page = pageOf(location.origin, siteKey);
  return (
    <section className={detail.block} aria-labelledby="plain-page">
      <h3 id="plain-page">{t("inboxes.page")}</h3>
      <p className={styles.about}>{t("inboxes.page_about")}</p>
      <div className={detail.page}>
        <CopyText text={page} />
        <a href={`${page}/qr.svg`} download={`${siteKey}.svg`} className={detail.code}>
          <img src={`/c/${siteKey}/qr.svg`} width={128} height={128} alt={t("inboxes.qr", { name })} />
          <span>{t("inboxes.qr_save")}</span>
        </a>
      </div>
    </section>
  );
}
