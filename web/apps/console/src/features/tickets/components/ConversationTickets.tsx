import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { listTickets } from "../api/tickets";
import { Due } from "./Marks";
import sheet from "./Ticket.module.css";

/** Its form is large, and seldom asked for. */
const NewTicket = lazy(async () => ({ default: (await import("./NewTicket")).NewTicket }));

/** The tickets that came of a conversation, beside it. */
export function ConversationTickets({ conversationId }: { readonly conversationId: string }) {
  const t = useT();
  const [making, setMaking] = useState(false);
  const wanted = { conversation_id: conversationId };
  const list = useQuery({
    queryKey: ["tickets", wanted, "all"],
    queryFn: ({ signal }) => listTickets(wanted, "", signal),
  });
  const tickets = list.data?.data ?? [];
  return (
    <section className={sheet.beside} aria-labelledby="conversation-tickets">
      <h2 id="conversation-tickets">{t("tickets.count", { count: tickets.length })}</h2>
      <ul>
        {tickets.map((one) => (
          <li key={one.id}>
            <Link to="/tickets" search={{ ticket: one.id }}>
              #{one.number} {one.subject}
            </Link>
            <Due ticket={one} />
          </li>
        ))}
      </ul>
      <Button size="small" onClick={() => setMaking(true)}>
        {t("tickets.make")}
      </Button>
      {making && (
        <Suspense>
          <NewTicket
            conversationId={conversationId}
            onClose={() => setMaking(false)}
            onMade={() => void list.refetch()}
          />
        </Suspense>
      )}
    </section>
  );
}
