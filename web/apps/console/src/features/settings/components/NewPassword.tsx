import { App, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { useMyId } from "../../../shared/session/session";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
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
      ready={password.length >= 8 && (!mine || current !== "")}
      saving={done.isPending}
      onSend={() => done.mutate()}
      onClose={onClose}
    >
      {mine && (
        <Field label={t("people.current_password")}>
          {(id) => (
            <Input.Password
              id={id}
              autoComplete="current-password"
              maxLength={256}
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field label={t("people.new_password")} hint={t("people.password_hint")}>
        {(id) => (
          <Input.Password
            id={id}
            autoComplete="new-password"
            maxLength={256}
            value={password}
            onChange={(event) => setNext(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
