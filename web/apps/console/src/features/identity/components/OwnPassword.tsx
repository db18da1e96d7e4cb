import { App, Input } from "antd";
import { useState } from "react";
import { request } from "../../../shared/http/request";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { logOut } from "../../../shared/session/session";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";

const shortest = 8;

/** A new one for oneself; whoever is signed in as this person anywhere signs in again. */
export function OwnPassword({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const { message } = App.useApp();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const done = useAct(
    () => request<void>("/v1/me/password", { method: "POST", body: { current, password } }),
    {
      onDone: () => {
        void message.success(t("password.done"));
        onClose();
        void logOut();
      },
    },
  );
  return (
    <FormDialog
      title={t("password.title")}
      about={t("password.about")}
      ready={password.length >= shortest && current !== ""}
      saving={done.isPending}
      onSend={() => done.mutate()}
      onClose={onClose}
    >
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
      <Field label={t("people.new_password")} hint={t("people.password_hint")}>
        {(id) => (
          <Input.Password
            id={id}
            autoComplete="new-password"
            maxLength={256}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
