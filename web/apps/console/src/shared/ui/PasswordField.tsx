import { Input } from "antd";
import { useT } from "../i18n/i18n";
import { Field } from "./Field";

export const shortestPassword = 8;

interface Props {
  /** The one that holds until now, the one to come, or that of somebody who has none yet. */
  readonly which: "current" | "new" | "first";
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Where a password is typed, so that the browser knows which one. */
export function PasswordField({ which, value, onChange }: Props) {
  const t = useT();
  const known = which === "current";
  return (
    <Field label={t(`people.${which}_password`)} hint={known ? "" : t("people.password_hint")}>
      {(id) => (
        <Input.Password
          id={id}
          autoComplete={known ? "current-password" : "new-password"}
          maxLength={256}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
