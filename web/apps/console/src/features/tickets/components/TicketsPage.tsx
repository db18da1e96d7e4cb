import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useEffect, useState } from "react";
import { download } from "../../../shared/http/download";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { line } from "../../../shared/realtime/line";
import { Chooser } from "../../../shared/ui/Chooser";
import { Page } from "../../../shared/ui/Page";
import bar from "../../../shared/ui/Toolbar.module.css";
import { asked, categories, priorities, statuses } from "../api/tickets";
import { type Shown, wantedOf } from "../model/tickets";
import { Board } from "./Board";
import { NewTicket } from "./NewTicket";
import { TicketDrawer } from "./TicketDrawer";
import { TicketList } from "./TicketList";

interface Props {
  readonly shown: Shown;
  readonly onShow: (shown: Shown) => void;
}

/** Work that outlives the conversation, as a list or as a board. */
export function TicketsPage({ shown, onShow }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  useEffect(() => {
    document.title = `${t("nav.tickets")} · ${t("app.name")}`;
  }, [t]);
  useEffect(
    () =>
      line.onFeed((frame) => {
        if (frame.t === "ticket.updated") void client.invalidateQueries({ queryKey: ["tickets"] });
      }),
    [client],
  );
  const open = (ticket: string) => onShow({ ...shown, ticket: ticket || undefined });
  return (
    <Page
      title={t("nav.tickets")}
      about={t("tickets.about")}
      action={
        <Button type="primary" onClick={() => setMaking(true)}>
          {t("tickets.make")}
        </Button>
      }
    >
      <Toolbar shown={shown} onShow={onShow} />
      {shown.look === "board" ? (
        <Board wanted={wantedOf(shown)} onOpen={open} />
      ) : (
        <TicketList wanted={wantedOf(shown)} onOpen={open} />
      )}
      {shown.ticket && <TicketDrawer key={shown.ticket} id={shown.ticket} onClose={() => open("")} />}
      {making && <NewTicket conversationId="" onClose={() => setMaking(false)} onMade={open} />}
    </Page>
  );
}

function Toolbar({ shown, onShow }: Props) {
  const t = useT();
  const { message } = App.useApp();
  const turn = (more: Shown) => onShow({ ...shown, ...more });
  const save = () =>
    void download(`/v1/tickets.csv${asked(wantedOf(shown))}`, "tickets.csv").catch(
      (error) => void message.error(plainWords(error)),
    );
  const choices = [
    ["whose", ["me", "none"]],
    ["priority", priorities],
    ["category", categories],
    ...(shown.look === "board" ? [] : [["status", statuses] as const]),
  ] as const;
  const wordOf = (name: string, value: string) => t(`tickets.${name}.${value}` as "tickets.whose.me");
  return (
    <div className={bar.bar}>
      {choices.map(([name, values]) => {
        const value = values.find((one) => one === shown[name]) ?? "all";
        return (
          <Chooser
            key={name}
            label={t(`tickets.${name}`)}
            value={wordOf(name, value)}
            options={["all", ...values].map((one) => ({
              key: one,
              name: wordOf(name, one),
              chosen: one === value,
            }))}
            onPick={(key) => turn({ [name]: key === "all" ? undefined : key })}
          >
            {wordOf(name, value)}
          </Chooser>
        );
      })}
      <button
        type="button"
        className={bar.chip}
        aria-pressed={shown.overdue === "1"}
        onClick={() => turn({ overdue: shown.overdue === "1" ? undefined : "1" })}
      >
        {t("tickets.overdue_only")}
      </button>
      <span className={bar.end}>
        <Button onClick={() => turn({ look: shown.look === "board" ? undefined : "board" })}>
          {t(shown.look === "board" ? "tickets.as_list" : "tickets.as_board")}
        </Button>
        <Button onClick={save}>{t("tickets.export")}</Button>
      </span>
    </div>
  );
}
