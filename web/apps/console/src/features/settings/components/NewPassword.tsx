import { App } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { useMyId } from "../../../shared/session/session";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { PasswordField, shortestPassword } from "../../../shared/ui/PasswordField";
import { type Person, setPassword } from "../api/people";

/** For who forgot theirs: every login of that person ends. */
export function NewPassword({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const t = useT();
  const { message } = App.useApp();
  const mine = useMyId() === person.id;
  const [current, setCurrent] = useState("");
  const [password, setNext] = useState("");
  const done = useAct(() => setPassword(person.id, password, current), {
    onDone: () => {
      void message.success(t("people.password_set", { name: person.name }));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t("people.password_of", { name: person.name })}
      about={t("people.password_about")}
      ready={password.length >= shortestPassword && (!mine || current !== "")}
      saving={done.isPending}
      onSend={() => done.mutate()}
      onClose={onClose}
    >
      {mine && <PasswordField which="current" value={current} onChange={setCurrent} />}
      <PasswordField which="new" value={password} onChange={setNext} />
    </FormDialog>
  );
}
