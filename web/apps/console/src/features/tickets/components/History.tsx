import { Button, Input } from "antd";
import { useState } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useSave } from "../../../shared/http/useSave";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Fault } from "../../../shared/ui/Fault";
import { commentTicket, type TicketDetail, type TicketEvent } from "../api/tickets";
import sheet from "./Ticket.module.css";
import styles from "./Tickets.module.css";

/** Everything that happened to it, and the place for a word to colleagues. */
export function History({ ticket }: { readonly ticket: TicketDetail }) {
  const t = useT();
  const [text, setText] = useState("");
  const said = useSave(() => commentTicket(ticket.id, text.trim()), {
    refreshes: [["tickets"]],
    onDone: () => setText(""),
  });
  return (
    <section aria-labelledby="ticket-history">
      <h2 id="ticket-history">{t("tickets.history")}</h2>
      <ol className={sheet.history}>
        {ticket.events.map((one) => (
          <Event key={one.id} event={one} />
        ))}
      </ol>
      <form
        className={sheet.comment}
        onSubmit={(event) => {
          event.preventDefault();
          said.save();
        }}
      >
        <Input.TextArea
          aria-label={t("tickets.comment")}
          placeholder={t("tickets.comment_hint")}
          autoSize={{ minRows: 2, maxRows: 8 }}
          value={text}
          maxLength={10_000}
          onChange={(event) => setText(event.target.value)}
        />
        <Button htmlType="submit" disabled={!text.trim()} loading={said.saving}>
          {t("tickets.comment")}
        </Button>
      </form>
      <Fault>{said.fault}</Fault>
    </section>
  );
}

function Event({ event }: { readonly event: TicketEvent }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const kind = `tickets.event.${event.kind}`;
  return (
    <li>
      <p className={styles.about}>
        {event.actor_name || t("who.system")} {hasWord(kind) ? t(kind) : event.kind}{" "}
        <time dateTime={event.at}>{dayAndTime(toMs(event.at), locale)}</time>
      </p>
      {event.detail && <p>{event.detail}</p>}
    </li>
  );
}
