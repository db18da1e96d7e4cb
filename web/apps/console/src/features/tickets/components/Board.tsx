import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { type DragEvent, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { useAgentName } from "../../../shared/people/agents";
import { Failure } from "../../../shared/ui/Failure";
import { IconButton } from "../../../shared/ui/IconButton";
import opens from "../../../shared/ui/Opens.module.css";
import { changeTicket, type Status, statuses, type Ticket, type Wanted } from "../api/tickets";
import { beside } from "../model/tickets";
import { Due, Priority } from "./Marks";
import { useTickets } from "./TicketList";
import styles from "./Tickets.module.css";

interface Props {
  readonly wanted: Wanted;
  readonly onOpen: (id: string) => void;
}

type Move = (id: string, status: Status) => void;

const carried = "text/miaohui-ticket";

/** A column for each status; a card is carried there by hand or sent there by its buttons. */
export function Board({ wanted, onOpen }: Props) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const moved = useMutation({
    mutationFn: ({ id, status }: { id: string; status: Status }) => changeTicket(id, { status }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tickets"] }),
    onError: (error) => void message.error(plainWords(error)),
  });
  const move: Move = (id, status) => moved.mutate({ id, status });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it on a narrow page
    <div className={styles.board} tabIndex={0}>
      {statuses.map((status) => (
        <Column key={status} status={status} wanted={wanted} onOpen={onOpen} onMove={move} />
      ))}
    </div>
  );
}

function Column({
  status,
  wanted,
  onOpen,
  onMove,
}: Props & { readonly status: Status; readonly onMove: Move }) {
  const t = useT();
  const [over, setOver] = useState(false);
  const list = useTickets({ ...wanted, status });
  const tickets = list.data?.pages.flatMap((page) => page.data) ?? [];
  const drop = (event: DragEvent) => {
    setOver(false);
    const id = event.dataTransfer.getData(carried);
    if (id && !tickets.some((one) => one.id === id)) onMove(id, status);
  };
  return (
    <section
      className={styles.column}
      aria-labelledby={`column-${status}`}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h2 id={`column-${status}`}>
        {t(`tickets.status.${status}`)}{" "}
        <span>
          {tickets.length}
          {list.hasNextPage && "+"}
        </span>
      </h2>
      {list.isPending && <Skeleton active title={false} paragraph={{ rows: 3 }} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      <ul>
        {tickets.map((one) => (
          <Card key={one.id} ticket={one} onOpen={onOpen} onMove={onMove} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("action.more")}
        </Button>
      )}
    </section>
  );
}

interface CardProps {
  readonly ticket: Ticket;
  readonly onOpen: (id: string) => void;
  readonly onMove: Move;
}

function Card({ ticket, onOpen, onMove }: CardProps) {
  const t = useT();
  const nameOf = useAgentName();
  const [left, right] = [beside(ticket.status, -1), beside(ticket.status, 1)];
  return (
    <li
      className={styles.card}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(carried, ticket.id)}
    >
      <button type="button" className={`${opens.button} ${styles.open}`} onClick={() => onOpen(ticket.id)}>
        <span className={styles.about}>#{ticket.number}</span> {ticket.subject}
      </button>
      <p>
        <Priority priority={ticket.priority} /> <Due ticket={ticket} />
      </p>
      <footer>
        <span className={styles.about}>{nameOf(ticket.assignee_id) || t("list.unassigned")}</span>
        {left && (
          <IconButton
            icon={ArrowLeft}
            name={t("tickets.move", { number: ticket.number, status: t(`tickets.status.${left}`) })}
            onClick={() => onMove(ticket.id, left)}
          />
        )}
        {right && (
          <IconButton
            icon={ArrowRight}
            name={t("tickets.move", { number: ticket.number, status: t(`tickets.status.${right}`) })}
            onClick={() => onMove(ticket.id, right)}
          />
        )}
      </footer>
    </li>
  );
}
