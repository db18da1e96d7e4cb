import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input } from "antd";
import { useId, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { createKey, scopes } from "../api/settings";
import { SecretOnce } from "./SecretOnce";
import styles from "./Settings.module.css";

/** Makes a key and shows it, once. */
export function NewKey({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const nameId = useId();
  const [name, setName] = useState("");
  const [wanted, setWanted] = useState<readonly string[]>(["chat"]);
  const made = useMutation({
    mutationFn: () => createKey(name.trim(), wanted),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (made.data) {
    return <SecretOnce title={t("keys.made")} secret={made.data.key} onClose={onClose} />;
  }
  return (
    <Dialog label={t("keys.make")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          made.mutate();
        }}
      >
        <h2>{t("keys.make")}</h2>
        <label htmlFor={nameId}>{t("keys.name")}</label>
        <Input
          id={nameId}
          value={name}
          required
          maxLength={80}
          placeholder={t("keys.name_hint")}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className={styles.scopes}>
          <legend>{t("keys.scopes")}</legend>
          {scopes.map((scope) => (
            <Checkbox
              key={scope}
              checked={wanted.includes(scope)}
              onChange={(event) =>
                setWanted(event.target.checked ? [...wanted, scope] : wanted.filter((one) => one !== scope))
              }
            >
              <code>{scope}</code> {t(`scope.${scope}`)}
            </Checkbox>
          ))}
        </fieldset>
        <p role="alert" className={styles.fault}>
          {made.isError && plainWords(made.error)}
        </p>
        <Button
          type="primary"
          htmlType="submit"
          disabled={!name.trim() || wanted.length === 0}
          loading={made.isPending}
        >
          {t("keys.make")}
        </Button>
      </form>
    </Dialog>
  );
}
