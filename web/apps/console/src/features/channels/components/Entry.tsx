import { Input } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string | undefined;
  /** Entered and never shown again. */
  readonly secret?: boolean | undefined;
  readonly wrong?: boolean | undefined;
  readonly most?: number;
  readonly placeholder?: string | undefined;
}

/** One line that is entered; what is wrong with it stands below it. */
export function Entry({ label, value, onValue, hint, secret, wrong, most = 254, placeholder }: Props) {
  const t = useT();
  const shared = { value, maxLength: most, autoComplete: "off", spellCheck: false, placeholder };
  return (
    <Field label={label} hint={hint ?? ""} fault={wrong ? t("door.wrong") : ""}>
      {(id) =>
        secret ? (
          <Input.Password
            {...shared}
            id={id}
            autoComplete="new-password"
            visibilityToggle={false}
            aria-invalid={wrong}
            status={wrong ? "error" : ""}
            onChange={(event) => onValue(event.target.value.trim())}
          />
        ) : (
          <Input
            {...shared}
            id={id}
            aria-invalid={wrong}
            status={wrong ? "error" : ""}
            onChange={(event) => onValue(event.target.value)}
          />
        )
      }
    </Field>
  );
}
