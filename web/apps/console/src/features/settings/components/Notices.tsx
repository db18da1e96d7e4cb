import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { Lead } from "../../../shared/ui/Lead";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { listNotices, type Notice, putUpNotice, takeDownNotice } from "../api/notices";
import { useInboxes } from "../model/inboxes";
import styles from "./Settings.module.css";

const spans = [15, 60, 240, 1440] as const;

/** What everybody who comes or waits is told while something is wrong. */
export function Notices() {
  const t = useT();
  const [making, setMaking] = useState(false);
  const notices = useQuery({ queryKey: ["notices"], queryFn: ({ signal }) => listNotices(signal) });
  return (
    <Loaded of={notices}>
      {(all) => (
        <>
          <Lead about={t("notices.about")}>
            <Button type="primary" onClick={() => setMaking(true)}>
              {t("notices.make")}
            </Button>
          </Lead>
          {all.length === 0 ? (
            <Empty title={t("notices.empty")} hint={t("notices.empty_hint")} />
          ) : (
            <Rows>
              {all.map((one) => (
                <NoticeRow key={one.id} notice={one} />
              ))}
            </Rows>
          )}
          {making && <NewNotice onClose={() => setMaking(false)} />}
        </>
      )}
    </Loaded>
  );
}

function NoticeRow({ notice }: { readonly notice: Notice }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const { data: inboxes } = useInboxes();
  const down = useAct(() => takeDownNotice(notice.id), { refreshes: [["notices"]] });
  const inbox = inboxes?.find((one) => one.id === notice.inbox_id)?.name ?? t("notices.everywhere");
  return (
    <li className={`${styles.card} ${styles.key}`}>
      <div>
        {Object.entries(notice.texts).map(([language, text]) => (
          <p key={language} lang={language}>
            {text}
          </p>
        ))}
        <p className={styles.about}>
          {inbox} · {t("notices.until", { time: dayAndTime(toMs(notice.until), locale) })}
        </p>
      </div>
      <span />
      <Button loading={down.isPending} onClick={() => down.mutate()}>
        {t("notices.down")}
      </Button>
    </li>
  );
}

function NewNotice({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const { data: inboxes } = useInboxes();
  const [chinese, setChinese] = useState("");
  const [english, setEnglish] = useState("");
  const [minutes, setMinutes] = useState<number>(60);
  const [inbox, setInbox] = useState("");
  const texts = Object.fromEntries(
    [
      ["zh-CN", chinese.trim()],
      ["en", english.trim()],
    ].filter(([, text]) => text),
  ) as Record<string, string>;
  const put = useAct(() => putUpNotice({ texts, minutes, inbox_id: inbox }), {
    refreshes: [["notices"]],
    onDone: onClose,
  });
  return (
    <FormDialog
      title={t("notices.make")}
      act={t("notices.make")}
      ready={Object.keys(texts).length > 0}
      saving={put.isPending}
      onSend={() => put.mutate()}
      onClose={onClose}
    >
      <Field label={t("notices.chinese")} hint={t("notices.text_hint")}>
        {(id) => (
          <Input.TextArea
            id={id}
            lang="zh-CN"
            value={chinese}
            maxLength={500}
            autoSize={{ minRows: 2, maxRows: 6 }}
            onChange={(event) => setChinese(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("notices.english")}>
        {(id) => (
          <Input.TextArea
            id={id}
            lang="en"
            value={english}
            maxLength={500}
            autoSize={{ minRows: 2, maxRows: 6 }}
            onChange={(event) => setEnglish(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("notices.how_long")}>
        {(id) => (
          <Select
            id={id}
            value={minutes}
            options={spans.map((one) => ({ value: one, label: spanOf(t, one) }))}
            onChange={setMinutes}
          />
        )}
      </Field>
      <Field label={t("notices.where")}>
        {(id) => (
          <Select
            id={id}
            value={inbox}
            options={[
              { value: "", label: t("notices.everywhere") },
              ...(inboxes ?? []).map((one) => ({ value: one.id, label: one.name })),
            ]}
            onChange={setInbox}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function spanOf(t: ReturnType<typeof useT>, minutes: number): string {
  return minutes < 60 ? t("span.minutes", { count: minutes }) : t("span.hours", { count: minutes / 60 });
}
