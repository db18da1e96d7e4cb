import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Radio } from "antd";
import { useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { Dialog } from "../../../shared/ui/Dialog";
import { focusFault } from "../../../shared/ui/focusFault";
import { addRobot, type Code, codes, type Kind, kinds, type RobotEntry } from "../api/robots";
import styles from "./Channels.module.css";
import { Entry } from "./Entry";

/** A robot of a group by the address that the group shows, or somebody's e-mail. */
export function NewRobot({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [entry, setEntry] = useState<RobotEntry>({
    kind: "wecom",
    name: "",
    url: "",
    secret: "",
    codes: [],
    locale: prefs.get().locale,
  });
  const [tried, setTried] = useState(false);
  const change = (more: Partial<RobotEntry>) => setEntry({ ...entry, ...more });
  const byMail = entry.kind === "mail";
  const wrongUrl = byMail ? !/^[^\s@]+@[^\s@]+$/.test(entry.url) : !/^https:\/\/\S+$/.test(entry.url);
  const made = useMutation({
    mutationFn: () =>
      addRobot({ ...entry, name: entry.name.trim(), url: byMail ? `mailto:${entry.url}` : entry.url }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["robots"] });
      onClose();
    },
  });
  return (
    <Dialog label={t("robots.make")} onClose={onClose}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!wrongUrl && entry.name.trim()) made.mutate();
          else focusFault(event.currentTarget);
        }}
      >
        <h2>{t("robots.make")}</h2>
        <fieldset className={styles.choice}>
          <legend>{t("robots.kind")}</legend>
          <Radio.Group
            value={entry.kind}
            onChange={(event) => change({ kind: event.target.value as Kind, url: "", secret: "" })}
          >
            {kinds.map((one) => (
              <Radio key={one} value={one}>
                {t(`robots.kind.${one}`)}
              </Radio>
            ))}
          </Radio.Group>
          <p>{t(`robots.how.${entry.kind}`)}</p>
        </fieldset>
        <Entry
          label={t("robots.name")}
          hint={t("robots.name_hint")}
          most={100}
          value={entry.name}
          wrong={tried && !entry.name.trim()}
          onValue={(name) => change({ name })}
        />
        <Entry
          label={t(byMail ? "robots.to" : "robots.url")}
          hint={byMail ? "" : t("robots.url_hint")}
          most={2048}
          value={entry.url}
          wrong={tried && wrongUrl}
          onValue={(url) => change({ url: url.trim() })}
        />
        {(entry.kind === "dingtalk" || entry.kind === "feishu") && (
          <Entry
            label={t("robots.secret")}
            hint={t("robots.secret_hint")}
            secret
            most={200}
            value={entry.secret}
            onValue={(secret) => change({ secret })}
          />
        )}
        <fieldset className={styles.choice}>
          <legend>{t("robots.codes")}</legend>
          <Checkbox.Group
            value={entry.codes.length === 0 ? [...codes] : [...entry.codes]}
            options={codes.map((value) => ({ value, label: t(`robots.code.${value}`) }))}
            onChange={(next) => change({ codes: next.length === codes.length ? [] : (next as Code[]) })}
          />
        </fieldset>
        <fieldset className={styles.choice}>
          <legend>{t("robots.locale")}</legend>
          <Radio.Group
            value={entry.locale}
            onChange={(event) => change({ locale: event.target.value as RobotEntry["locale"] })}
          >
            <Radio value="zh-CN">中文</Radio>
            <Radio value="en">English</Radio>
          </Radio.Group>
        </fieldset>
        <p role="alert" className={styles.fault}>
          {made.isError && plainWords(made.error)}
        </p>
        <Button type="primary" htmlType="submit" loading={made.isPending}>
          {t("robots.make")}
        </Button>
      </form>
    </Dialog>
  );
}
