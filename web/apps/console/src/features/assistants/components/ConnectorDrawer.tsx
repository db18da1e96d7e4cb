import { Button, Drawer, Input, Select } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import { authKinds, type Connector, putConnector } from "../api/connectors";
import { blank, type Filled, filledOf, mayBeNamed, writtenOf } from "../model/connector";
import styles from "./Assistants.module.css";

interface Props {
  readonly known: Connector | undefined;
  readonly taken: readonly string[];
  readonly onClose: () => void;
}

export function ConnectorDrawer({ known, taken, onClose }: Props) {
  const t = useT();
  useFocusBack();
  const [filled, setFilled] = useState<Filled>(known ? filledOf(known) : blank);
  const set = (change: Partial<Filled>) => setFilled({ ...filled, ...change });
  const written = writtenOf(filled, known);
  const named = known !== undefined || (mayBeNamed(filled.name) && !taken.includes(filled.name));
  const saved = useAct(
    async () => {
      if (written) await putConnector(filled.name, written);
    },
    { refreshes: [["connectors"], ["tools"]], onDone: onClose },
  );
  const { kind } = filled.auth;
  return (
    <Drawer
      open
      title={known ? known.name : t("connectors.make")}
      onClose={onClose}
      size={720}
      closable={{ "aria-label": t("action.close") }}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saved.mutate();
        }}
      >
        {!known && (
          <Field label={t("connectors.name")} hint={t("connectors.name_hint")}>
            {(id) => (
              <Input
                id={id}
                value={filled.name}
                maxLength={40}
                status={filled.name && !named ? "error" : ""}
                onChange={(event) => set({ name: event.target.value })}
              />
            )}
          </Field>
        )}
        <Field label={t("connectors.url")} hint={t("connectors.url_hint")}>
          {(id) => (
            <Input
              id={id}
              value={filled.url}
              placeholder="https://erp.example.com/api"
              onChange={(event) => set({ url: event.target.value })}
            />
          )}
        </Field>
        <Field label={t("connectors.auth")}>
          {(id) => (
            <Select
              id={id}
              value={kind}
              options={authKinds.map((one) => ({ value: one, label: t(`connectors.auth.${one}`) }))}
              onChange={(next) => set({ auth: { ...filled.auth, kind: next } })}
            />
          )}
        </Field>
        {(kind === "header" || kind === "query") && (
          <Field label={t("connectors.field")}>
            {(id) => (
              <Input
                id={id}
                value={filled.auth.name}
                onChange={(event) => set({ auth: { ...filled.auth, name: event.target.value.trim() } })}
              />
            )}
          </Field>
        )}
        {kind === "basic" && (
          <Field label={t("connectors.user")}>
            {(id) => (
              <Input
                id={id}
                value={filled.auth.user}
                autoComplete="off"
                onChange={(event) => set({ auth: { ...filled.auth, user: event.target.value } })}
              />
            )}
          </Field>
        )}
        {kind !== "none" && (
          <Field
            label={t("connectors.secret")}
            hint={t(known ? "connectors.keep" : "connectors.secret_hint")}
          >
            {(id) => (
              <Input.Password
                id={id}
                value={filled.secret}
                autoComplete="new-password"
                onChange={(event) => set({ secret: event.target.value.trim() })}
              />
            )}
          </Field>
        )}
        <Json
          label={t("connectors.operations")}
          hint={t("connectors.operations_hint")}
          rows={10}
          value={filled.operations}
          onValue={(operations) => set({ operations })}
        />
        <Json
          label={t("connectors.identity")}
          hint={t("connectors.identity_hint")}
          rows={3}
          value={filled.identity}
          onValue={(identity) => set({ identity })}
        />
        {written === null && <p role="alert">{t("connectors.no_json")}</p>}
        <Button
          type="primary"
          htmlType="submit"
          disabled={!named || written === null || !filled.url.trim()}
          loading={saved.isPending}
        >
          {t("action.save")}
        </Button>
      </form>
    </Drawer>
  );
}

interface JsonProps {
  readonly label: string;
  readonly hint: string;
  readonly rows: number;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function Json({ label, hint, rows, value, onValue }: JsonProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <Input.TextArea
          id={id}
          className={styles.json ?? ""}
          value={value}
          spellCheck={false}
          autoSize={{ minRows: rows, maxRows: 24 }}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}
