import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Drawer, Input, Select, Skeleton } from "antd";
import { type ReactNode, useId } from "react";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { useAgents, useTeams } from "../../../shared/people/agents";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import facts from "../../../shared/ui/Facts.module.css";
import { Failure } from "../../../shared/ui/Failure";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import {
  type Change,
  categories,
  changeTicket,
  getTicket,
  priorities,
  statuses,
  type TicketDetail,
} from "../api/tickets";
import { FollowUp } from "./FollowUp";
import { History } from "./History";
import { Due, useCategory } from "./Marks";
import sheet from "./Ticket.module.css";

interface Props {
  readonly id: string;
  readonly onClose: () => void;
}

/** One ticket whole: what it is, who has it, until when, what happened, and what comes after it. */
export function TicketDrawer({ id, onClose }: Props) {
  const t = useT();
  useFocusBack();
  const ticket = useQuery({
    queryKey: ["tickets", "one", id],
    queryFn: ({ signal }) => getTicket(id, signal),
    staleTime: 0,
  });
  return (
    <Drawer
      open
      title={ticket.data ? `#${ticket.data.number} ${ticket.data.subject}` : t("nav.tickets")}
      onClose={onClose}
      size={560}
      closable={{ "aria-label": t("action.close") }}
    >
      {ticket.isPending && <Skeleton active />}
      {ticket.isError && <Failure error={ticket.error} retry={() => void ticket.refetch()} />}
      {ticket.data && <Whole ticket={ticket.data} />}
    </Drawer>
  );
}

function Whole({ ticket }: { readonly ticket: TicketDetail }) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { locale } = useStore(prefs);
  const categoryOf = useCategory();
  const agents = useAgents().data ?? [];
  const teams = useTeams().data ?? [];
  const changed = useMutation({
    mutationFn: (change: Change) => changeTicket(ticket.id, change),
    onSuccess: async (fresh) => {
      client.setQueryData(["tickets", "one", ticket.id], fresh);
      await client.invalidateQueries({ queryKey: ["tickets"] });
    },
    onError: (error) => void message.error(plainWords(error)),
  });
  const put = (change: Change) => changed.mutate(change);
  const people = agents.map((one) => ({ value: one.id, label: one.name }));
  return (
    <div className={sheet.whole}>
      <div className={sheet.fields}>
        <Pick
          label={t("tickets.status")}
          value={ticket.status}
          options={statuses.map((value) => ({ value, label: t(`tickets.status.${value}`) }))}
          onPick={(status) => put({ status: status as TicketDetail["status"] })}
        />
        <Pick
          label={t("tickets.priority")}
          value={ticket.priority}
          options={priorities.map((value) => ({ value, label: t(`tickets.priority.${value}`) }))}
          onPick={(priority) => put({ priority: priority as TicketDetail["priority"] })}
        />
        <Pick
          label={t("tickets.assignee")}
          value={ticket.assignee_id}
          options={[{ value: "", label: t("list.unassigned") }, ...people]}
          onPick={(assignee_id) => put({ assignee_id })}
        />
        <Pick
          label={t("tickets.category")}
          value={ticket.category}
          options={[...new Set(["", ...categories, ticket.category])].map((value) => ({
            value,
            label: value ? categoryOf(value) : t("tickets.category.none"),
          }))}
          onPick={(category) => put({ category })}
        />
        {teams.length > 0 && (
          <Pick
            label={t("tickets.team")}
            value={ticket.team_id}
            options={[
              { value: "", label: t("handling.everybody") },
              ...teams.map((one) => ({ value: one.id, label: one.name })),
            ]}
            onPick={(team_id) => put({ team_id })}
          />
        )}
      </div>
      <dl className={`${facts.facts} ${sheet.facts}`}>
        <Fact name={t("tickets.due")}>
          <Due ticket={ticket} /> {ticket.due_at && dayAndTime(toMs(ticket.due_at), locale)}
        </Fact>
        <Fact name={t("tickets.opened")}>{dayAndTime(toMs(ticket.created_at), locale)}</Fact>
        {ticket.conversation_id && (
          <Fact name={t("tickets.conversation")}>
            <Link
              to="/conversations/$conversationId"
              params={{ conversationId: ticket.conversation_id }}
              search={{ status: "open" }}
            >
              {t("tickets.to_conversation")}
            </Link>
          </Fact>
        )}
      </dl>
      <Description key={ticket.updated_at} ticket={ticket} onChange={put} />
      {ticket.conversation_id && <FollowUp ticket={ticket} />}
      <History ticket={ticket} />
    </div>
  );
}

/** Kept when one leaves the box. */
function Description({
  ticket,
  onChange,
}: {
  readonly ticket: TicketDetail;
  readonly onChange: (change: Change) => void;
}) {
  const t = useT();
  const id = useId();
  return (
    <div className={sheet.field}>
      <label htmlFor={id}>{t("tickets.description")}</label>
      <Input.TextArea
        id={id}
        autoSize={{ minRows: 2, maxRows: 10 }}
        defaultValue={ticket.description}
        maxLength={10_000}
        onBlur={(event) => {
          const description = event.target.value;
          if (description !== ticket.description) onChange({ description });
        }}
      />
    </div>
  );
}

interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly options: { value: string; label: string }[];
  readonly onPick: (value: string) => void;
}

function Pick({ label, value, options, onPick }: PickProps) {
  const id = useId();
  return (
    <div className={sheet.field}>
      <label htmlFor={id}>{label}</label>
      <Select id={id} value={value} options={options} onChange={onPick} />
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
