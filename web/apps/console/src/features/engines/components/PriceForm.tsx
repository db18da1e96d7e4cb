import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { putRoute, type Route } from "../api/engines";
import { faultsOfPrice, pricedEntry, type TypedPrice, typedPrice } from "../model/spending";
import styles from "./Prices.module.css";

/** The price list of one route, and how much may be asked of it. */
export function PriceForm({ route, onClose }: { readonly route: Route; readonly onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [typed, setTyped] = useState<TypedPrice>(() => typedPrice(route));
  const faults = faultsOfPrice(typed);
  const saved = useMutation({
    mutationFn: () => putRoute(route.name, pricedEntry(route, typed)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["engines"] });
      onClose();
    },
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
    <Dialog label={title} onClose={onClose}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (faults.size === 0) saved.mutate();
        }}
      >
        <h2>{title}</h2>
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
        <p role="alert" className={styles.fault}>
          {saved.isError && plainWords(saved.error)}
        </p>
        <Button type="primary" htmlType="submit" disabled={faults.size > 0} loading={saved.isPending}>
          {t("action.save")}
        </Button>
      </form>
    </Dialog>
  );
}
