import { Button, Input } from "antd";
import { useId, useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Fault } from "../../../shared/ui/Fault";
import { dropFollowUp, planFollowUp, type Ticket } from "../api/tickets";
import sheet from "./Ticket.module.css";

/** The contact is asked later how it went, in my name and in the conversation it came from. */
export function FollowUp({ ticket }: { readonly ticket: Ticket }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const [whenId, textId] = [useId(), useId()];
  const [when, setWhen] = useState("");
  const [text, setText] = useState(() => t("tickets.follow_up_usual"));
  const refreshes = [["tickets"]];
  const planned = useSave(
    () => planFollowUp(ticket.id, new Date(when).toISOString().replace(/\.\d+Z$/, "Z"), text.trim()),
    { refreshes },
  );
  const dropped = useSave(() => dropFollowUp(ticket.id), { refreshes });
  return (
    <section aria-labelledby="follow-up">
      <h2 id="follow-up">{t("tickets.follow_up")}</h2>
      {ticket.follow_up_at ? (
        <>
          <p>
            {dayAndTime(toMs(ticket.follow_up_at), locale)} · {ticket.follow_up_text}
          </p>
          <Button size="small" loading={dropped.saving} onClick={dropped.save}>
            {t("tickets.follow_up_drop")}
          </Button>
        </>
      ) : (
        <form
          className={sheet.fields}
          onSubmit={(event) => {
            event.preventDefault();
            planned.save();
          }}
        >
          <div className={sheet.field}>
            <label htmlFor={whenId}>{t("tickets.follow_up_when")}</label>
            <Input
              id={whenId}
              type="datetime-local"
              required
              value={when}
              onChange={(event) => setWhen(event.target.value)}
            />
          </div>
          <div className={sheet.field}>
            <label htmlFor={textId}>{t("tickets.follow_up_text")}</label>
            <Input
              id={textId}
              required
              maxLength={4000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <Button htmlType="submit" loading={planned.saving} disabled={!when || !text.trim()}>
            {t("tickets.follow_up_plan")}
          </Button>
        </form>
      )}
      <Fault>{planned.fault || dropped.fault}</Fault>
    </section>
  );
}
