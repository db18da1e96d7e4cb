import { useQuery } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { clearHours, getHours, type Hours, setHours } from "../api/desk";
import { holidaysOf, holidaysText, spansOf, textOf, usual } from "../model/hours";
import detail from "./Detail.module.css";
import styles from "./Settings.module.css";

const days = [0, 1, 2, 3, 4, 5, 6] as const;

/** When people attend a door; outside the hours the assistant says so, and messages are kept. */
export function InboxHours({ id }: { readonly id: string }) {
  const t = useT();
  const [writing, setWriting] = useState(false);
  const hours = useQuery({ queryKey: ["hours", id], queryFn: ({ signal }) => findHours(id, signal) });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <section className={detail.block} aria-labelledby="hours">
      <h3 id="hours">{t("hours.title")}</h3>
      <Loaded of={hours} rows={2}>
        {(found) =>
          found || writing ? (
            <Form key={id} id={id} known={found ?? usual(zone)} set={found !== null} />
          ) : (
            <>
              <p className={styles.about}>{t("hours.always")}</p>
              <Button onClick={() => setWriting(true)}>{t("hours.make")}</Button>
            </>
          )
        }
      </Loaded>
    </section>
  );
}

function Form({ id, known, set }: { readonly id: string; readonly known: Hours; readonly set: boolean }) {
  const t = useT();
  const { message } = App.useApp();
  const [zone, setZone] = useState(known.timezone);
  const [week, setWeek] = useState(() => known.week.map(textOf));
  const [holidays, setHolidays] = useState(() => holidaysText(known.holidays));
  const [away, setAway] = useState(known.away);
  const spans = week.map(spansOf);
  const off = holidaysOf(holidays);
  const ready = spans.every((one) => one !== null) && off !== null && zone.trim() !== "";
  const refreshes = [["hours"]];
  const saved = useAct(
    () =>
      setHours(id, {
        timezone: zone.trim(),
        week: spans.map((one) => one ?? []),
        holidays: off ?? {},
        away: Object.fromEntries(Object.entries(away).filter(([, text]) => text.trim())),
      }),
    { refreshes, onDone: () => void message.success(t("inboxes.saved")) },
  );
  const cleared = useAct(() => clearHours(id), { refreshes });
  return (
    <form
      className={detail.fields}
      onSubmit={(event) => {
        event.preventDefault();
        saved.mutate();
      }}
    >
      <fieldset className={styles.week}>
        <legend>{t("hours.week_hint")}</legend>
        {days.map((day) => (
          <div key={day}>
            <label htmlFor={`${id}-${day}`}>{t(`hours.day.${day}`)}</label>
            <Input
              id={`${id}-${day}`}
              value={week[day] ?? ""}
              status={spans[day] === null ? "error" : ""}
              placeholder={t("hours.closed")}
              onChange={(event) =>
                setWeek(week.map((one, place) => (place === day ? event.target.value : one)))
              }
            />
          </div>
        ))}
      </fieldset>
      <Field label={t("hours.holidays")} hint={t("hours.holidays_hint")}>
        {(field) => (
          <Input.TextArea
            id={field}
            value={holidays}
            status={off === null ? "error" : ""}
            autoSize={{ minRows: 2, maxRows: 10 }}
            onChange={(event) => setHolidays(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("hours.zone")}>
        {(field) => <Input id={field} value={zone} onChange={(event) => setZone(event.target.value)} />}
      </Field>
      {(["zh-CN", "en"] as const).map((language) => (
        <Field key={language} label={t(`hours.away.${language}`)}>
          {(field) => (
            <Input.TextArea
              id={field}
              lang={language}
              maxLength={500}
              value={away[language] ?? ""}
              autoSize={{ minRows: 1, maxRows: 4 }}
              onChange={(event) => setAway({ ...away, [language]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <p className={styles.acts}>
        <Button htmlType="submit" disabled={!ready} loading={saved.isPending}>
          {t("action.save")}
        </Button>
        {set && (
          <Button loading={cleared.isPending} onClick={() => cleared.mutate()}>
            {t("hours.clear")}
          </Button>
        )}
      </p>
    </form>
  );
}

/** None for a door that is attended always. */
async function findHours(id: string, signal: AbortSignal): Promise<Hours | null> {
  const { always, timezone, week, holidays, away } = await getHours(id, signal);
  return always ? null : { timezone, week, holidays, away };
}
