import { Select } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useT, type Word } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useGoverns } from "../../../shared/session/session";
import { CopyText } from "../../../shared/ui/CopyText";
import type { Inbox } from "../api/settings";
import { asGiven, embedCode, type Looks, previewOf } from "../model/embed";
import detail from "./Detail.module.css";
import styles from "./Settings.module.css";

/** The embed code, the few choices that it may carry, and the widget as it will be. */
export function Embed({ inbox, children }: { readonly inbox: Inbox; readonly children: ReactNode }) {
  const t = useT();
  const governs = useGoverns();
  const [looks, setLooks] = useState<Looks>(asGiven);
  const choices = [
    ["locale", ["", "zh-CN", "en"]],
    ["theme", ["", "light", "dark"]],
    ["position", ["", "left"]],
  ] as const;
  return (
    <div className={detail.split}>
      <div>
        <section className={detail.block} aria-labelledby="embed-code">
          <h3 id="embed-code">{t("inboxes.embed")}</h3>
          <p className={styles.about}>{t("inboxes.embed_about")}</p>
          <CopyText text={embedCode(location.origin, inbox.site_key, looks)} />
          <div className={detail.looks}>
            {choices.map(([name, values]) => (
              <Choice
                key={name}
                label={t(`inboxes.look.${name}`)}
                value={looks[name]}
                values={values.map((value) => ({
                  value,
                  label: t(`inboxes.look.${name}.${value || "own"}` as Word),
                }))}
                onPick={(value) => setLooks({ ...looks, [name]: value })}
              />
            ))}
          </div>
        </section>
        {!governs && <Origins origins={inbox.allowed_origins} />}
        {children}
      </div>
      <section className={detail.block} aria-labelledby="preview">
        <h3 id="preview">{t("inboxes.preview")}</h3>
        <p className={styles.about}>{t("inboxes.preview_about")}</p>
        <iframe
          key={JSON.stringify(looks)}
          className={detail.preview}
          title={t("inboxes.preview")}
          srcDoc={previewOf(inbox.site_key, looks, prefs.get().locale)}
        />
      </section>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly values: { value: string; label: string }[];
  readonly onPick: (value: string) => void;
}

function Choice({ label, value, values, onPick }: ChoiceProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <Select id={id} value={value} options={values} onChange={onPick} />
    </div>
  );
}

function Origins({ origins }: { readonly origins: readonly string[] }) {
  const t = useT();
  return (
    <section className={detail.block} aria-labelledby="origins">
      <h3 id="origins">{t("inboxes.where")}</h3>
      {origins.length === 0 ? (
        <p className={styles.about}>{t("inboxes.any_origin")}</p>
      ) : (
        <>
          <p className={styles.about}>{t("inboxes.only")}</p>
          <ul className={detail.origins}>
            {origins.map((one) => (
              <li key={one}>
                <code>{one}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
