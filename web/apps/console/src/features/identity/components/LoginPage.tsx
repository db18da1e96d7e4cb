import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { type FormEvent, useEffect, useId, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { logIn } from "../../../shared/session/session";
import { Mark } from "../../../shared/ui/Mark";
import { Preferences } from "../../../shared/ui/Preferences";
import styles from "./LoginPage.module.css";

export function LoginPage() {
  const t = useT();
  const navigate = useNavigate();
  const { to } = useSearch({ from: "/login" });
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const [emailId, passwordId, faultId] = [useId(), useId(), useId()];

  useEffect(() => {
    document.title = t("login.title");
  }, [t]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault("");
    try {
      await logIn(email.trim(), password);
      await navigate({ href: to?.startsWith("/") ? to : "/" });
    } catch (error) {
      setFault(plainWords(error));
      setBusy(false);
    }
  };

  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={(event) => void submit(event)} aria-describedby={faultId}>
        <Mark />
        <h1 className={styles.title}>{t("login.title")}</h1>
        <p className={styles.about}>{t("login.about")}</p>
        <label htmlFor={emailId}>{t("login.email")}</label>
        <Input
          id={emailId}
          type="email"
          autoComplete="username"
          autoFocus
          required
          size="large"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <label htmlFor={passwordId}>{t("login.password")}</label>
        <Input.Password
          id={passwordId}
          autoComplete="current-password"
          required
          size="large"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <p id={faultId} role="alert" className={styles.fault}>
          {fault}
        </p>
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {t("login.submit")}
        </Button>
      </form>
      <footer className={styles.foot}>
        <Preferences />
      </footer>
    </main>
  );
}
