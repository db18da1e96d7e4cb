import { Input, Select } from "antd";
import { useId, useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { openTicket, type Priority, priorities } from "../api/tickets";

interface Props {
  /** The conversation it comes from, or "". */
  readonly conversationId: string;
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}

export function NewTicket({ conversationId, onClose, onMade }: Props) {
  const t = useT();
  const [subjectId, textId, priorityId] = [useId(), useId(), useId()];
  const [subject, setSubject] = useState("");
  const [description, setDescription] = useState("");
  const [priority, setPriority] = useState<Priority>("medium");
  const made = useSave(
    () =>
      openTicket({
        subject: subject.trim(),
        description,
        priority,
        ...(conversationId && { conversation_id: conversationId }),
      }),
    {
      refreshes: [["tickets"]],
      onDone: (ticket) => {
        onClose();
        onMade(ticket.id);
      },
    },
  );
  return (
    <FormDialog
      title={t("tickets.make")}
      act={t("tickets.make")}
      ready={subject.trim() !== ""}
      saving={made.saving}
      fault={made.fault}
      checked
      onSend={made.save}
      onClose={onClose}
    >
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
    </FormDialog>
  );
}
