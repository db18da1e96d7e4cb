import { Input } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { putRoute, type Route } from "../api/engines";
import { faultsOfPrice, pricedEntry, type TypedPrice, typedPrice } from "../model/spending";
import styles from "./Prices.module.css";

/** The price list of one route, and how much may be asked of it. */
export function PriceForm({ route, onClose }: { readonly route: Route; readonly onClose: () => void }) {
  const t = useT();
  const [typed, setTyped] = useState<TypedPrice>(() => typedPrice(route));
  const faults = faultsOfPrice(typed);
  const saved = useSave(() => putRoute(route.name, pricedEntry(route, typed)), {
    refreshes: [["engines"]],
    onDone: onClose,
  });
  const title = t("prices.change_of", { name: route.name });
  const line = (name: keyof TypedPrice, label: string, hint = "") => (
    <Field label={label} hint={hint} fault={faults.has(name) ? t("prices.wrong") : ""}>
      {(id) => (
        <Input
          id={id}
          value={typed[name]}
          maxLength={64}
          autoComplete="off"
          inputMode={name === "price_version" ? "text" : "decimal"}
          status={faults.has(name) ? "error" : ""}
          aria-invalid={faults.has(name)}
          onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <FormDialog
      title={title}
      ready={faults.size === 0}
      saving={saved.saving}
      fault={saved.fault}
      onSend={() => {
        if (faults.size === 0) saved.save();
      }}
      onClose={onClose}
    >
      <p className={styles.about}>{t("prices.unit")}</p>
      <div className={styles.pair}>
        {line("price_in", t("prices.in"))}
        {line("price_out", t("prices.out"))}
      </div>
      {line("price_cached", t("prices.cached"), t("prices.cached_hint"))}
      {line("price_version", t("prices.version"), t("prices.version_hint"))}
      <div className={styles.three}>
        {line("rpm", "RPM")}
        {line("tpm", "TPM")}
        {line("slots", t("prices.slots"))}
      </div>
      <p className={styles.about}>{t("prices.none")}</p>
    </FormDialog>
  );
}
