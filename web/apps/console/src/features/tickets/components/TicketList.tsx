import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { stamp, toMs } from "../../../shared/format/time";
import { useT } from "../../../shared/i18n/i18n";
import { useAgentName } from "../../../shared/people/agents";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import opens from "../../../shared/ui/Opens.module.css";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import { listTickets, type Ticket, type Wanted } from "../api/tickets";
import { Due, Priority, StatusMark, useCategory } from "./Marks";
import styles from "./Tickets.module.css";

interface Props {
  readonly wanted: Wanted;
  readonly onOpen: (id: string) => void;
}

export function useTickets(wanted: Wanted) {
  return useInfiniteQuery({
    queryKey: ["tickets", wanted],
    queryFn: ({ pageParam, signal }) => listTickets(wanted, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
}

export function TicketList({ wanted, onOpen }: Props) {
  const t = useT();
  const list = useTickets(wanted);
  if (list.isPending) return <Skeleton active paragraph={{ rows: 8 }} />;
  if (list.isError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const tickets = list.data.pages.flatMap((page) => page.data);
  if (tickets.length === 0) {
    const narrowed = Object.values(wanted).some(Boolean);
    return narrowed ? (
      <Empty title={t("tickets.none")} hint={t("tickets.none_hint")} />
    ) : (
      <Empty title={t("tickets.empty")} hint={t("tickets.empty_hint")} />
    );
  }
  return (
    <>
      <Scroll>
        <table className={table.table}>
          <caption className="visually-hidden">{t("nav.tickets")}</caption>
          <thead>
            <tr>
              <th scope="col" className={table.number}>
                #
              </th>
              <th scope="col">{t("tickets.subject")}</th>
              <th scope="col">{t("tickets.status")}</th>
              <th scope="col">{t("tickets.priority")}</th>
              <th scope="col">{t("tickets.assignee")}</th>
              <th scope="col">{t("tickets.due")}</th>
              <th scope="col">{t("tickets.updated")}</th>
            </tr>
          </thead>
          <tbody>
            {tickets.map((one) => (
              <Row key={one.id} ticket={one} onOpen={onOpen} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {list.hasNextPage && (
        <p className={styles.more}>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </p>
      )}
    </>
  );
}

function Row({ ticket, onOpen }: { readonly ticket: Ticket; readonly onOpen: (id: string) => void }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const nameOf = useAgentName();
  const categoryOf = useCategory();
  return (
    <tr>
      <td className={table.number}>{ticket.number}</td>
      <th scope="row" className={table.wraps}>
        <button type="button" className={`${opens.button} ${styles.open}`} onClick={() => onOpen(ticket.id)}>
          {ticket.subject}
        </button>
        {ticket.category && <span className={styles.about}>{categoryOf(ticket.category)}</span>}
      </th>
      <td>
        <StatusMark status={ticket.status} />
      </td>
      <td>
        <Priority priority={ticket.priority} />
      </td>
      <td>{nameOf(ticket.assignee_id) || t("list.unassigned")}</td>
      <td>
        <Due ticket={ticket} />
      </td>
      <td>{stamp(toMs(ticket.updated_at), Date.now(), locale)}</td>
    </tr>
  );
}
