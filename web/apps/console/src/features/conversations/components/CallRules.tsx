import { App, Button, Checkbox, Select, Switch } from "antd";
import { useId } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { flipNotices } from "../../../shared/prefs/flip";
import { type Call, calls, changeHabits, type Habits, habits } from "../../../shared/prefs/habits";
import { prefs, setPrefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Dialog } from "../../../shared/ui/Dialog";
import { ring } from "../model/ring";
import styles from "./CallRules.module.css";

const minutes = [0, 5, 10, 15, 30, 60] as const;

/** What rings, what shows a notice, and when one is away: by kind for the account, and as a whole for this browser. */
export function CallRules({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const id = useId();
  const { message } = App.useApp();
  const mine = useStore(habits);
  const { sound, notices } = useStore(prefs);
  const change = (next: Partial<Habits>) =>
    void changeHabits(next).catch((error) => void message.error(plainWords(error)));
  const flip = (of: readonly Call[], call: Call) =>
    of.includes(call) ? of.filter((one) => one !== call) : [...of, call];
  const turnNotices = async () => {
    await flipNotices();
    if (!notices && !prefs.get().notices) void message.info(t("rules_of_calls.denied"));
  };
  return (
    <Dialog label={t("rules_of_calls.title")} onClose={onClose}>
      <div className={styles.rules}>
        <h2>{t("rules_of_calls.title")}</h2>
        <p className={styles.about}>{t("rules_of_calls.about")}</p>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("rules_of_calls.when")}</th>
              <th scope="col">{t("rules_of_calls.sound")}</th>
              <th scope="col">{t("rules_of_calls.notice")}</th>
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <tr key={call}>
                <th scope="row">{t(`rules_of_calls.${call}`)}</th>
                {(["sounds", "notices"] as const).map((kind) => (
                  <td key={kind}>
                    <Checkbox
                      checked={mine[kind].includes(call)}
                      aria-label={`${t(`rules_of_calls.${call}`)}: ${t(kind === "sounds" ? "rules_of_calls.sound" : "rules_of_calls.notice")}`}
                      onChange={() => change({ [kind]: flip(mine[kind], call) })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <div className={styles.line}>
          <label htmlFor={`${id}-looking`}>{t("rules_of_calls.looking")}</label>
          <Switch
            id={`${id}-looking`}
            checked={mine.sound_when_looking}
            onChange={(on) => change({ sound_when_looking: on })}
          />
        </div>
        <div className={styles.line}>
          <label htmlFor={`${id}-away`}>{t("idle.after")}</label>
          <Select
            id={`${id}-away`}
            value={mine.away_after_minutes}
            style={{ minInlineSize: 140 }}
            options={minutes.map((one) => ({
              value: one,
              label: one ? t("idle.minutes", { count: one }) : t("idle.never"),
            }))}
            onChange={(value: number) => change({ away_after_minutes: value })}
          />
        </div>
        <p className={styles.about}>{t("rules_of_calls.here")}</p>
        <div className={styles.line}>
          <label htmlFor={`${id}-sound`}>{t("rules_of_calls.sound_here")}</label>
          <span>
            <Button size="small" type="text" onClick={() => ring(Date.now())}>
              {t("rules_of_calls.hear")}
            </Button>{" "}
            <Switch id={`${id}-sound`} checked={sound} onChange={(on) => setPrefs({ sound: on })} />
          </span>
        </div>
        <div className={styles.line}>
          <label htmlFor={`${id}-notices`}>{t("rules_of_calls.notice_here")}</label>
          <Switch id={`${id}-notices`} checked={notices} onChange={() => void turnNotices()} />
        </div>
      </div>
    </Dialog>
  );
}
