import { Skeleton } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { CopyText } from "../../../shared/ui/CopyText";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { embedCode } from "../model/embed";
import { useInboxes } from "../model/inboxes";
import styles from "./Settings.module.css";

export function Inboxes() {
  const t = useT();
  const inboxes = useInboxes();
  if (inboxes.isPending) return <Skeleton active />;
  if (inboxes.isError) return <Failure error={inboxes.error} retry={() => void inboxes.refetch()} />;
  if (inboxes.data.length === 0) return <Empty title={t("inboxes.empty")} hint={t("inboxes.empty_hint")} />;
  return (
    <ul className={styles.cards}>
      {inboxes.data.map((inbox) => (
        <li key={inbox.id} className={styles.card}>
          <h2>{inbox.name}</h2>
          <p className={styles.about}>
            {t(inbox.channel === "web" ? "inboxes.web" : "inboxes.api")}
            {inbox.assistant_name && ` · ${inbox.assistant_name}`}
          </p>
          {inbox.channel === "web" && (
            <>
              <p>{t("inboxes.embed")}</p>
              <CopyText text={embedCode(location.origin, inbox.site_key)} />
            </>
          )}
          <p className={styles.about}>
            {inbox.allowed_origins.length > 0
              ? t("inboxes.origins", { list: inbox.allowed_origins.join(", ") })
              : t("inboxes.any_origin")}
          </p>
        </li>
      ))}
    </ul>
  );
}
