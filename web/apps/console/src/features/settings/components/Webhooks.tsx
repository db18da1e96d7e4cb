import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Lead } from "../../../shared/ui/Lead";
import opens from "../../../shared/ui/Opens.module.css";
import { Rows } from "../../../shared/ui/Rows";
import { listWebhooks, type Webhook } from "../api/webhooks";
import { standingOf } from "../model/webhooks";
import styles from "./Settings.module.css";
import type { Place } from "./SettingsPage";
import { WebhookDetail } from "./WebhookDetail";
import { WebhookForm } from "./WebhookForm";

/** Addresses outside that are told what happens here. */
export function Webhooks({ id, onShow }: Place) {
  const t = useT();
  const [making, setMaking] = useState(false);
  const webhooks = useQuery({ queryKey: ["webhooks"], queryFn: ({ signal }) => listWebhooks(signal) });
  if (id) return <WebhookDetail key={id} id={id} onGone={() => onShow({ tab: "webhooks" })} />;
  if (webhooks.isPending) return <Skeleton active />;
  if (webhooks.isError) return <Failure error={webhooks.error} retry={() => void webhooks.refetch()} />;
  return (
    <>
      <Lead about={t("webhooks.about")}>
        <Button type="primary" onClick={() => setMaking(true)}>
          {t("webhooks.make")}
        </Button>
      </Lead>
      {webhooks.data.length === 0 ? (
        <Empty title={t("webhooks.empty")} hint={t("webhooks.empty_hint")} />
      ) : (
        <Rows>
          {webhooks.data.map((one) => (
            <Row key={one.id} webhook={one} />
          ))}
        </Rows>
      )}
      {making && <WebhookForm before={null} onClose={() => setMaking(false)} />}
    </>
  );
}

function Row({ webhook }: { readonly webhook: Webhook }) {
  const t = useT();
  const count = webhook.events.length;
  return (
    <li className={`${styles.card} ${styles.key}`}>
      <div>
        <h2>
          <Link to="/settings" search={{ tab: "webhooks", id: webhook.id }} className={opens.link ?? ""}>
            {webhook.url}
          </Link>
        </h2>
        {webhook.description && <p className={styles.about}>{webhook.description}</p>}
      </div>
      <span className={styles.about}>
        {count === 0 ? t("webhooks.all_events") : t("webhooks.some_events", { count })}
      </span>
      <State webhook={webhook} />
    </li>
  );
}

const tones = { on: "jade", failing: "red", off: "quiet" } as const;

export function State({ webhook }: { readonly webhook: Webhook }) {
  const t = useT();
  const standing = standingOf(webhook);
  return <Chip tone={tones[standing]}>{t(`webhooks.${standing}`)}</Chip>;
}
