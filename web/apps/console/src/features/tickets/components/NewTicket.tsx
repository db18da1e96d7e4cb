import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { openTicket, type Priority, priorities } from "../api/tickets";
import sheet from "./Ticket.module.css";
import styles from "./Tickets.module.css";

interface Props {
  /** The conversation it comes from, or "". */
  readonly conversationId: string;
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}

export function NewTicket({ conversationId, onClose, onMade }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [subjectId, textId, priorityId] = [useId(), useId(), useId()];
  const [subject, setSubject] = useState("");
  const [description, setDescription] = useState("");
  const [priority, setPriority] = useState<Priority>("medium");
  const made = useMutation({
    mutationFn: () =>
      openTicket({
        subject: subject.trim(),
        description,
        priority,
        ...(conversationId && { conversation_id: conversationId }),
      }),
    onSuccess: async (ticket) => {
      await client.invalidateQueries({ queryKey: ["tickets"] });
      onClose();
      onMade(ticket.id);
    },
  });
  return (
    <Dialog label={t("tickets.make")} onClose={onClose}>
      <form
        className={sheet.form}
        onSubmit={(event) => {
          event.preventDefault();
          made.mutate();
        }}
      >
        <h2>{t("tickets.make")}</h2>
        <label htmlFor={subjectId}>{t("tickets.subject")}</label>
        <Input
          id={subjectId}
          value={subject}
          required
          maxLength={200}
          placeholder={t("tickets.subject_hint")}
          onChange={(event) => setSubject(event.target.value)}
        />
        <label htmlFor={textId}>{t("tickets.description")}</label>
        <Input.TextArea
          id={textId}
          rows={4}
          value={description}
          maxLength={10_000}
          onChange={(event) => setDescription(event.target.value)}
        />
        <label htmlFor={priorityId}>{t("tickets.priority")}</label>
        <Select
          id={priorityId}
          value={priority}
          getPopupContainer={(node) => node.parentElement ?? document.body}
          options={priorities.map((value) => ({ value, label: t(`tickets.priority.${value}`) }))}
          onChange={setPriority}
        />
        <p role="alert" className={styles.fault}>
          {made.isError && plainWords(made.error)}
        </p>
        <Button type="primary" htmlType="submit" disabled={!subject.trim()} loading={made.isPending}>
          {t("tickets.make")}
        </Button>
      </form>
    </Dialog>
  );
}
