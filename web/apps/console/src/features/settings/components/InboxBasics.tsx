import { App, Button, Checkbox, Input, Radio } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Choice } from "../../../shared/ui/Choice";
import { Field } from "../../../shared/ui/Field";
import { changeInbox } from "../api/inboxes";
import type { Inbox } from "../api/settings";
import { faultyOrigin, originsOf } from "../model/origins";
import detail from "./Detail.module.css";

/** What a door is called, the language it speaks first, and whose pages may embed it. */
export function InboxBasics({ inbox }: { readonly inbox: Inbox }) {
  const t = useT();
  const { message } = App.useApp();
  const [name, setName] = useState(inbox.name);
  const [locale, setLocale] = useState(inbox.locale);
  const [text, setText] = useState(inbox.allowed_origins.join("\n"));
  const [pictures, setPictures] = useState(inbox.pictures);
  const [files, setFiles] = useState(inbox.files);
  const [pages, setPages] = useState(inbox.pages);
  const origins = originsOf(text);
  const faulty = faultyOrigin(origins);
  const wanted = { name: name.trim(), locale, allowed_origins: origins, pictures, files, pages };
  const saved = useAct(() => changeInbox(inbox.id, wanted), {
    refreshes: [["inboxes"]],
    onDone: () => void message.success(t("inboxes.saved")),
  });
  return (
    <section className={detail.block} aria-labelledby="basics">
      <h3 id="basics">{t("inboxes.basics")}</h3>
      <form
        className={detail.fields}
        onSubmit={(event) => {
          event.preventDefault();
          saved.mutate();
        }}
      >
        <Field label={t("inboxes.name")}>
          {(id) => <Input id={id} value={name} maxLength={200} onChange={(e) => setName(e.target.value)} />}
        </Field>
        <Choice legend={t("inboxes.first_language")}>
          <Radio.Group value={locale} onChange={(event) => setLocale(event.target.value as string)}>
            <Radio value="zh-CN">中文</Radio>
            <Radio value="en">English</Radio>
          </Radio.Group>
        </Choice>
        {inbox.channel === "web" && (
          <Field
            label={t("inboxes.where")}
            hint={faulty ? t("inboxes.faulty_origin", { origin: faulty }) : t("inboxes.where_hint")}
          >
            {(id) => (
              <Input.TextArea
                id={id}
                value={text}
                status={faulty ? "error" : ""}
                placeholder="https://shop.example.com"
                autoSize={{ minRows: 2, maxRows: 8 }}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
        )}
        {inbox.channel === "web" && (
          <Checkbox checked={pictures} onChange={(event) => setPictures(event.target.checked)}>
            {t("inboxes.pictures")}
          </Checkbox>
        )}
        {inbox.channel === "web" && (
          <Checkbox checked={files} onChange={(event) => setFiles(event.target.checked)}>
            {t("inboxes.files")}
          </Checkbox>
        )}
        {inbox.channel === "web" && (
          <Checkbox checked={pages} onChange={(event) => setPages(event.target.checked)}>
            {t("inboxes.pages")}
          </Checkbox>
        )}
        <p>
          <Button htmlType="submit" disabled={!name.trim() || faulty !== ""} loading={saved.isPending}>
            {t("action.save")}
          </Button>
        </p>
      </form>
    </section>
  );
}
