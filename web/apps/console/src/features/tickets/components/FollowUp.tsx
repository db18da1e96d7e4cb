import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { dropFollowUp, planFollowUp, type Ticket } from "../api/tickets";
import sheet from "./Ticket.module.css";
import styles from "./Tickets.module.css";

/** The contact is asked later how it went, in my name and in the conversation it came from. */
export function FollowUp({ ticket }: { readonly ticket: Ticket }) {
  const t = useT();
  const client = useQueryClient();
  const { locale } = useStore(prefs);
  const [whenId, textId] = [useId(), useId()];
  const [when, setWhen] = useState("");
  const [text, setText] = useState(() => t("tickets.follow_up_usual"));
  const again = () => client.invalidateQueries({ queryKey: ["tickets"] });
  const planned = useMutation({
    mutationFn: () =>
      planFollowUp(ticket.id, new Date(when).toISOString().replace(/\.\d+Z$/, "Z"), text.trim()),
    onSuccess: again,
  });
  const dropped = useMutation({ mutationFn: () => dropFollowUp(ticket.id), onSuccess: again });
  const fault = planned.error ?? dropped.error;
  return (
    <section aria-labelledby="follow-up">
      <h2 id="follow-up">{t("tickets.follow_up")}</h2>
      {ticket.follow_up_at ? (
        <>
          <p>
            {dayAndTime(toMs(ticket.follow_up_at), locale)} · {ticket.follow_up_text}
          </p>
          <Button size="small" loading={dropped.isPending} onClick={() => dropped.mutate()}>
            {t("tickets.follow_up_drop")}
          </Button>
        </>
      ) : (
        <form
          className={sheet.fields}
          onSubmit={(event) => {
            event.preventDefault();
            planned.mutate();
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
          <Button htmlType="submit" loading={planned.isPending} disabled={!when || !text.trim()}>
            {t("tickets.follow_up_plan")}
          </Button>
        </form>
      )}
      <p role="alert" className={styles.fault}>
        {fault && plainWords(fault)}
      </p>
    </section>
  );
}
