import { Checkbox, Radio } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { Choice } from "../../../shared/ui/Choice";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { addRobot, type Code, codes, type Kind, kinds, type RobotEntry } from "../api/robots";
import { Entry } from "./Entry";

/** A robot of a group by the address that the group shows, or somebody's e-mail. */
export function NewRobot({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
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
  const made = useSave(
    () => addRobot({ ...entry, name: entry.name.trim(), url: byMail ? `mailto:${entry.url}` : entry.url }),
    { refreshes: [["robots"]], onDone: onClose },
  );
  return (
    <FormDialog
      title={t("robots.make")}
      act={t("robots.make")}
      saving={made.saving}
      fault={made.fault}
      onSend={() => {
        setTried(true);
        if (!wrongUrl && entry.name.trim()) made.save();
      }}
      onClose={onClose}
    >
      <Choice legend={t("robots.kind")} hint={t(`robots.how.${entry.kind}`)}>
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
      </Choice>
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
      <Choice legend={t("robots.codes")}>
        <Checkbox.Group
          value={entry.codes.length === 0 ? [...codes] : [...entry.codes]}
          options={codes.map((value) => ({ value, label: t(`robots.code.${value}`) }))}
          onChange={(next) => change({ codes: next.length === codes.length ? [] : (next as Code[]) })}
        />
      </Choice>
      <Choice legend={t("robots.locale")}>
        <Radio.Group
          value={entry.locale}
          onChange={(event) => change({ locale: event.target.value as RobotEntry["locale"] })}
        >
          <Radio value="zh-CN">中文</Radio>
          <Radio value="en">English</Radio>
        </Radio.Group>
      </Choice>
    </FormDialog>
  );
}
