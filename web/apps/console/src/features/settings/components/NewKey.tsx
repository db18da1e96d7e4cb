import { Checkbox, Input } from "antd";
import { useId, useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { Choice } from "../../../shared/ui/Choice";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { createKey, scopes } from "../api/settings";
import { SecretOnce } from "./SecretOnce";

/** Makes a key and shows it, once. */
export function NewKey({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const nameId = useId();
  const [name, setName] = useState("");
  const [wanted, setWanted] = useState<readonly string[]>(["chat"]);
  const made = useSave(() => createKey(name.trim(), wanted), { refreshes: [["keys"]] });
  if (made.data) {
    return <SecretOnce title={t("keys.made")} secret={made.data.key} onClose={onClose} />;
  }
  return (
    <FormDialog
      title={t("keys.make")}
      act={t("keys.make")}
      ready={name.trim() !== "" && wanted.length > 0}
      saving={made.saving}
      fault={made.fault}
      checked
      onSend={made.save}
      onClose={onClose}
    >
      <label htmlFor={nameId}>{t("keys.name")}</label>
      <Input
        id={nameId}
        value={name}
        required
        maxLength={80}
        placeholder={t("keys.name_hint")}
        onChange={(event) => setName(event.target.value)}
      />
      <Choice legend={t("keys.scopes")}>
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
      </Choice>
    </FormDialog>
  );
}
