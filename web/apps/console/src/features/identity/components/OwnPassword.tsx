import { App, Button, Input } from "antd";
import { useState } from "react";
import { request } from "../../../shared/http/request";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { logOut } from "../../../shared/session/session";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import styles from "./OwnPassword.module.css";

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
    <Dialog label={t("password.title")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          done.mutate();
        }}
      >
        <h2>{t("password.title")}</h2>
        <p>{t("password.about")}</p>
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
        <Button
          type="primary"
          htmlType="submit"
          disabled={password.length < shortest || !current}
          loading={done.isPending}
        >
          {t("action.save")}
        </Button>
      </form>
    </Dialog>
  );
}
