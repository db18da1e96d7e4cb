import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Drawer, Input, Popconfirm, Select } from "antd";
import { useId, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Fault } from "../../../shared/ui/Fault";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import { deleteRoute, putRoute, type Route, type Tier } from "../api/engines";
import { entryOf, providers, type Typed, typedOf } from "../model/entry";
import styles from "./Engines.module.css";

interface Props {
  /** What is changed; null makes a new one. */
  readonly before: Route | null;
  readonly onClose: () => void;
}

const tiers: readonly Tier[] = ["primary", "fallback", "local"];

/** One route: where it leads, how much of the work it gets, what it costs. Its key is entered and never shown. */
export function RouteForm({ before, onClose }: Props) {
  const t = useT();
  useFocusBack();
  const client = useQueryClient();
  const [typed, setTyped] = useState<Typed>(() => typedOf(before));
  const change = (more: Partial<Typed>) => setTyped({ ...typed, ...more });
  const own = !before || before.origin === "own";
  const done = async () => {
    await client.invalidateQueries({ queryKey: ["engines"] });
    onClose();
  };
  const saved = useMutation({
    mutationFn: () => putRoute(before?.name ?? typed.name.trim(), entryOf(typed, before)),
    onSuccess: done,
  });
  const gone = useMutation({ mutationFn: () => deleteRoute(before?.name ?? ""), onSuccess: done });
  const fault = saved.error ?? gone.error;
  const hint = before?.keys.find((one) => one.hint)?.hint ?? "";
  return (
    <Drawer
      open
      title={before ? before.name : t("engines.make")}
      onClose={onClose}
      size={480}
      closable={{ "aria-label": t("action.close") }}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saved.mutate();
        }}
      >
        {!own && <p className={styles.about}>{t("engines.shared")}</p>}
        {own && (
          <>
            {!before && (
              <Text
                label={t("engines.name")}
                value={typed.name}
                hint="deepseek-1"
                required
                pattern="[A-Za-z0-9_.:@+\-]{1,64}"
                onText={(name) => change({ name })}
              />
            )}
            <Pick
              label={t("engines.provider")}
              value={typed.provider}
              options={providers.map((value) => ({ value, label: value }))}
              onPick={(provider) => change({ provider })}
            />
            <Text
              label={t("engines.url")}
              value={typed.base_url}
              hint="https://api.example.com/v1"
              type="url"
              required
              onText={(base_url) => change({ base_url })}
            />
            <Text
              label={t("engines.model")}
              value={typed.model}
              required
              onText={(model) => change({ model })}
            />
            <Text
              label={t("engines.secret")}
              value={typed.secret}
              type="password"
              hint={before ? t("engines.secret_keep", { hint: hint || "····" }) : "sk-…"}
              onText={(secret) => change({ secret: secret.trim() })}
            />
          </>
        )}
        <Pick
          label={t("engines.tier")}
          value={typed.tier}
          options={tiers.map((value) => ({ value, label: t(`engines.tier.${value}`) }))}
          onPick={(tier) => change({ tier: tier as Tier })}
        />
        <div className={styles.pair}>
          <Text
            label={t("engines.share")}
            value={typed.weight}
            numeric
            onText={(weight) => change({ weight })}
          />
          {own && (
            <>
              <Text label="RPM" value={typed.rpm} numeric onText={(rpm) => change({ rpm })} />
              <Text label="TPM" value={typed.tpm} numeric onText={(tpm) => change({ tpm })} />
            </>
          )}
        </div>
        {own && (
          <div className={styles.pair}>
            <Text
              label={t("engines.price_in")}
              value={typed.price_in}
              numeric
              onText={(price_in) => change({ price_in })}
            />
            <Text
              label={t("engines.price_out")}
              value={typed.price_out}
              numeric
              onText={(price_out) => change({ price_out })}
            />
          </div>
        )}
        <Checkbox checked={typed.enabled} onChange={(event) => change({ enabled: event.target.checked })}>
          {t("engines.enabled")}
        </Checkbox>
        <Fault>{fault && plainWords(fault)}</Fault>
        <div className={styles.acts}>
          <Button type="primary" htmlType="submit" loading={saved.isPending}>
            {t("action.save")}
          </Button>
          {before && before.origin !== "shared" && (
            <Popconfirm
              title={t(own ? "engines.delete_title" : "engines.as_shared_title")}
              description={own && t("engines.delete_hint")}
              okText={t(own ? "engines.delete" : "engines.as_shared")}
              cancelText={t("action.cancel")}
              okButtonProps={{ danger: own }}
              onConfirm={() => gone.mutate()}
            >
              <Button danger={own} loading={gone.isPending}>
                {t(own ? "engines.delete" : "engines.as_shared")}
              </Button>
            </Popconfirm>
          )}
        </div>
      </form>
    </Drawer>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (value: string) => void;
  readonly hint?: string;
  readonly type?: string;
  readonly required?: boolean;
  readonly pattern?: string;
  readonly numeric?: boolean;
}

function Text({ label, value, onText, hint, type, required, pattern, numeric }: TextProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        value={value}
        type={type ?? "text"}
        autoComplete={type === "password" ? "new-password" : "off"}
        spellCheck={false}
        {...(hint && { placeholder: hint })}
        {...(required && { required })}
        {...(pattern && { pattern })}
        {...(numeric && { inputMode: "decimal" as const })}
        onChange={(event) => onText(event.target.value)}
      />
    </div>
  );
}

interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly options: { value: string; label: string }[];
  readonly onPick: (value: string) => void;
}

function Pick({ label, value, options, onPick }: PickProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <Select id={id} value={value} options={options} onChange={onPick} />
    </div>
  );
}
