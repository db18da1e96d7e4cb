import { Input, Select } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import type { Schema } from "../api/assistants";
import { shapeOf } from "../model/arguments";

interface Props {
  readonly name: string;
  readonly schema: Schema;
  readonly value: string;
  readonly fault?: string;
  readonly onValue: (value: string) => void;
}

/** One thing that a tool wants to know. */
export function Parameter({ name, schema, value, fault = "", onValue }: Props) {
  const t = useT();
  const shape = shapeOf(schema);
  const options = shape === "flag" ? ["true", "false"] : (schema.enum ?? []);
  return (
    <Field label={name} hint={schema.description ?? (shape === "json" ? t("tools.json") : "")} fault={fault}>
      {(id) => {
        if (shape === "choice" || shape === "flag") {
          return (
            <Select
              id={id}
              allowClear
              value={value || null}
              options={options.map((one) => ({ value: one, label: one }))}
              onChange={(next) => onValue(next ?? "")}
            />
          );
        }
        if (shape === "json") {
          return (
            <Input.TextArea
              id={id}
              value={value}
              autoSize={{ minRows: 2, maxRows: 8 }}
              onChange={(event) => onValue(event.target.value)}
            />
          );
        }
        return <Input id={id} value={value} onChange={(event) => onValue(event.target.value)} />;
      }}
    </Field>
  );
}
