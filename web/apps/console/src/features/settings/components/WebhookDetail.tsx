import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm, Skeleton } from "antd";
import { useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { plainWords } from "../../../shared/http/problem";
import { hasWord, useT, type Word } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Facts } from "../../../shared/ui/Facts";
import { Failure } from "../../../shared/ui/Failure";
import * as api from "../api/webhooks";
import { BackLink } from "./BackLink";
import { Deliveries } from "./Deliveries";
import detail from "./Detail.module.css";
import { Replay } from "./Replay";
import { SecretOnce } from "./SecretOnce";
import styles from "./Settings.module.css";
import { WebhookForm } from "./WebhookForm";
import { State } from "./Webhooks";

/** One endpoint: how it stands, what it is owed, every attempt, and what may be done about it. */
export function WebhookDetail({ id, onGone }: { readonly id: string; readonly onGone: () => void }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const webhook = useQuery({
    queryKey: ["webhooks", id],
    queryFn: ({ signal }) => api.getWebhook(id, signal),
    staleTime: 0,
  });
  if (webhook.isPending) return <Skeleton active />;
  if (webhook.isError) return <Failure error={webhook.error} retry={() => void webhook.refetch()} />;
  const { data } = webhook;
  const reason = `webhooks.off.${data.disabled_reason}`;
  const facts = [
    [
      t("webhooks.told"),
      data.events.length === 0
        ? t("webhooks.all_events")
        : data.events.map((one) => (hasWord(`event.${one}`) ? t(`event.${one}` as Word) : one)).join(" · "),
    ],
    [t("webhooks.waiting"), String(data.waiting)],
    [t("webhooks.dead"), String(data.dead)],
    [t("webhooks.failing_since"), data.failing_since && dayAndTime(toMs(data.failing_since), locale)],
    [t("webhooks.rotated_until"), data.rotated_until && dayAndTime(toMs(data.rotated_until), locale)],
    [t("webhooks.made_at"), dayAndTime(toMs(data.created_at), locale)],
  ] as const;
  return (
    <>
      <BackLink tab="webhooks" words={t("webhooks.all")} />
      <header className={styles.detail}>
        <h2>{data.url}</h2>
        <p className={styles.about}>
          <State webhook={data} /> {hasWord(reason) && t(reason)} {data.description}
        </p>
      </header>
      <Acts webhook={data} onGone={onGone} />
      <Facts className={detail.facts} of={facts} />
      <Deliveries id={id} />
    </>
  );
}

type Asked = "" | "change" | "replay";

function Acts({ webhook, onGone }: { readonly webhook: api.WebhookDetail; readonly onGone: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [asked, setAsked] = useState<Asked>("");
  const again = () => client.invalidateQueries({ queryKey: ["webhooks"] });
  const onError = (error: unknown) => void message.error(plainWords(error));
  const tried = useMutation({
    mutationFn: () => api.tryWebhook(webhook.id),
    onSuccess: (came) => {
      const values = { status: came.status, ms: came.took_ms, error: came.error || came.status };
      void (came.arrived
        ? message.success(t("webhooks.arrived", values))
        : message.error(t("webhooks.failed", values)));
      return again();
    },
    onError,
  });
  const switched = useMutation({
    mutationFn: () => api.switchWebhook(webhook.id, !webhook.enabled),
    onSuccess: again,
    onError,
  });
  const rotated = useMutation({ mutationFn: () => api.rotateWebhook(webhook.id), onSuccess: again, onError });
  const gone = useMutation({
    mutationFn: () => api.deleteWebhook(webhook.id),
    onSuccess: async () => {
      onGone();
      client.removeQueries({ queryKey: ["webhooks", webhook.id] });
      await again();
    },
    onError,
  });
  return (
    <div className={styles.acts}>
      <Button type="primary" loading={tried.isPending} onClick={() => tried.mutate()}>
        {t("webhooks.try")}
      </Button>
      <Button onClick={() => setAsked("change")}>{t("webhooks.change")}</Button>
      <Button loading={switched.isPending} onClick={() => switched.mutate()}>
        {t(webhook.enabled ? "webhooks.switch_off" : "webhooks.switch_on")}
      </Button>
      <Button onClick={() => setAsked("replay")}>{t("webhooks.replay")}</Button>
      <Popconfirm
        title={t("webhooks.rotate_title")}
        description={t("webhooks.rotate_hint")}
        okText={t("webhooks.rotate")}
        cancelText={t("action.cancel")}
        onConfirm={() => rotated.mutate()}
      >
        <Button loading={rotated.isPending}>{t("webhooks.rotate")}</Button>
      </Popconfirm>
      <Popconfirm
        title={t("webhooks.delete_title")}
        description={t("webhooks.delete_hint")}
        okText={t("webhooks.delete")}
        cancelText={t("action.cancel")}
        okButtonProps={{ danger: true }}
        onConfirm={() => gone.mutate()}
      >
        <Button danger loading={gone.isPending}>
          {t("webhooks.delete")}
        </Button>
      </Popconfirm>
      {asked === "change" && <WebhookForm before={webhook} onClose={() => setAsked("")} />}
      {asked === "replay" && <Replay id={webhook.id} onClose={() => setAsked("")} />}
      {rotated.data && (
        <SecretOnce title={t("webhooks.rotated")} secret={rotated.data.secret} onClose={rotated.reset} />
      )}
    </div>
  );
}
