import { App } from "antd";
import { useState } from "react";
import { request } from "../../../shared/http/request";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { logOut } from "../../../shared/session/session";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { PasswordField, shortestPassword } from "../../../shared/ui/PasswordField";

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
      ready={password.length >= shortestPassword && current !== ""}
      saving={done.isPending}
      onSend={() => done.mutate()}
      onClose={onClose}
    >
      <PasswordField which="current" value={current} onChange={setCurrent} />
      <PasswordField which="new" value={password} onChange={setPassword} />
    </FormDialog>
  );
}
