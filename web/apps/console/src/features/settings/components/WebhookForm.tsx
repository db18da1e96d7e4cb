import { Checkbox, Input } from "antd";
import { useId, useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { Choice } from "../../../shared/ui/Choice";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { changeWebhook, createWebhook, eventNames, type MadeWebhook, type Webhook } from "../api/webhooks";
import { mayBeTold } from "../model/webhooks";
import { SecretOnce } from "./SecretOnce";

interface Props {
  /** What is to be changed; null makes a new one. */
  readonly before: Webhook | null;
  readonly onClose: () => void;
}

export function WebhookForm({ before, onClose }: Props) {
  const t = useT();
  const [urlId, aboutId] = [useId(), useId()];
  const [url, setUrl] = useState(before?.url ?? "");
  const [description, setDescription] = useState(before?.description ?? "");
  const [events, setEvents] = useState<readonly string[]>(before?.events ?? []);
  const entry = { url: url.trim(), description: description.trim(), events };
  const saved = useSave<Webhook | MadeWebhook>(
    () => (before ? changeWebhook(before.id, entry) : createWebhook(entry)),
    {
      refreshes: [["webhooks"]],
      onDone: (made) => {
        if (!("secret" in made)) onClose();
      },
    },
  );
  const title = t(before ? "webhooks.change" : "webhooks.make");
  if (saved.data && "secret" in saved.data) {
    return <SecretOnce title={t("webhooks.made")} secret={saved.data.secret} onClose={onClose} />;
  }
  return (
    <FormDialog
      title={title}
      act={t(before ? "action.save" : "webhooks.make")}
      ready={mayBeTold(url.trim())}
      saving={saved.saving}
      fault={saved.fault}
      checked
      onSend={saved.save}
      onClose={onClose}
    >
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
      <Choice legend={t("webhooks.events")}>
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
      </Choice>
    </FormDialog>
  );
}
