import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input } from "antd";
import { useId, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { changeWebhook, createWebhook, eventNames, type MadeWebhook, type Webhook } from "../api/webhooks";
import { mayBeTold } from "../model/webhooks";
import { SecretOnce } from "./SecretOnce";
import styles from "./Settings.module.css";

interface Props {
  /** What is to be changed; null makes a new one. */
  readonly before: Webhook | null;
  readonly onClose: () => void;
}

export function WebhookForm({ before, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [urlId, aboutId] = [useId(), useId()];
  const [url, setUrl] = useState(before?.url ?? "");
  const [description, setDescription] = useState(before?.description ?? "");
  const [events, setEvents] = useState<readonly string[]>(before?.events ?? []);
  const saved = useMutation({
    mutationFn: (): Promise<Webhook | MadeWebhook> => {
      const entry = { url: url.trim(), description: description.trim(), events };
      return before ? changeWebhook(before.id, entry) : createWebhook(entry);
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["webhooks"] });
      if (!("secret" in made)) onClose();
    },
  });
  const title = t(before ? "webhooks.change" : "webhooks.make");
  if (saved.data && "secret" in saved.data) {
    return <SecretOnce title={t("webhooks.made")} secret={saved.data.secret} onClose={onClose} />;
  }
  return (
    <Dialog label={title} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saved.mutate();
        }}
      >
        <h2>{title}</h2>
        <label htmlFor={urlId}>{t("webhooks.url")}</label>
        <Input
          id={urlId}
          type="url"
          required
          maxLength={2048}
          value={url}
          placeholder="https://crm.example.com/hooks/miaohui"
          onChange={(event) => setUrl(event.target.value)}
        />
        <label htmlFor={aboutId}>{t("webhooks.description")}</label>
        <Input
          id={aboutId}
          maxLength={200}
          value={description}
          placeholder={t("webhooks.description_hint")}
          onChange={(event) => setDescription(event.target.value)}
        />
        <fieldset className={styles.scopes}>
          <legend>{t("webhooks.events")}</legend>
          {eventNames.map((name) => (
            <Checkbox
              key={name}
              checked={events.includes(name)}
              onChange={(event) =>
                setEvents(event.target.checked ? [...events, name] : events.filter((one) => one !== name))
              }
            >
              {t(`event.${name}`)} <code>{name}</code>
            </Checkbox>
          ))}
        </fieldset>
        <p role="alert" className={styles.fault}>
          {saved.isError && plainWords(saved.error)}
        </p>
        <Button type="primary" htmlType="submit" disabled={!mayBeTold(url.trim())} loading={saved.isPending}>
          {t(before ? "action.save" : "webhooks.make")}
        </Button>
      </form>
    </Dialog>
  );
}
