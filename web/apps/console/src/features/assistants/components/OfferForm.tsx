import { Checkbox, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import {
  type Faults,
  faultsOf,
  freeId,
  type Kind,
  kindOf,
  kinds,
  nothing,
  type Offer,
  offerOf,
  type PriceList,
  type Typed,
  typedOf,
} from "../model/offers";
import { Days } from "./Days";
import own from "./Offers.module.css";

interface Props {
  /** null for a new one. */
  readonly before: Offer | null;
  readonly list: PriceList;
  readonly saving: boolean;
  readonly onKeep: (offer: Offer) => void;
  readonly onClose: () => void;
}

/** One offer: what it takes off, from what on, for whom and when. */
export function OfferForm({ before, list, saving, onKeep, onClose }: Props) {
  const t = useT();
  const { decimals } = list;
  const [typed, setTyped] = useState<Typed>(() => (before ? typedOf(before, decimals) : nothing));
  const [tried, setTried] = useState(false);
  const change = (part: Partial<Typed>) => setTyped({ ...typed, ...part });
  const faults = faultsOf(typed, decimals);
  const shown = tried ? faults : {};
  const title = before ? t("offers.change", { name: before.name }) : t("offers.add");
  const inForm = !before || kindOf(before) !== null;
  const send = () => {
    setTried(true);
    if (inForm && Object.keys(faults).length === 0)
      onKeep(offerOf(typed, before, decimals, freeId(list.offers)));
  };
  const parts = { typed, faults: shown, change };
  return (
    <FormDialog title={title} ready={inForm} saving={saving} onSend={send} onClose={onClose}>
      {inForm ? (
        <>
          <Off {...parts} />
          <ForWhom {...parts} list={list} />
          <Days
            legend={t("offers.seasons")}
            none={t("offers.always")}
            spans={typed.seasons}
            fault={shown.seasons === true}
            onChange={(seasons) => change({ seasons })}
          />
          <Days
            legend={t("offers.pauses")}
            none={t("offers.never")}
            spans={typed.pauses}
            fault={shown.pauses === true}
            onChange={(pauses) => change({ pauses })}
          />
          <div className={own.pair}>
            <Field label={t("offers.priority")} hint={t("offers.priority_hint")}>
              {(id) => (
                <InputNumber
                  id={id}
                  min={-1000}
                  max={1000}
                  precision={0}
                  value={typed.priority}
                  onChange={(value) => change({ priority: value ?? 0 })}
                />
              )}
            </Field>
            <Checkbox
              checked={typed.exclusive}
              onChange={(event) => change({ exclusive: event.target.checked })}
            >
              {t("offers.exclusive")}
            </Checkbox>
          </div>
        </>
      ) : (
        <p>{t("offers.only_json")}</p>
      )}
    </FormDialog>
  );
}

interface Part {
  readonly typed: Typed;
  readonly faults: Faults;
  readonly change: (part: Partial<Typed>) => void;
}

function Off({ typed, faults, change }: Part) {
  const t = useT();
  const sum = (name: "least" | "off" | "each", label: string, hint: string, fault: string) => (
    <Field label={label} hint={hint} fault={faults[name] ? fault : ""}>
      {(id) => (
        <Input
          id={id}
          inputMode="decimal"
          value={typed[name]}
          maxLength={12}
          aria-invalid={faults[name] === true}
          onChange={(event) => change({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const wrong = t(typed.kind === "share" ? "offers.fault.percent" : "offers.fault.sum");
  const hint = typed.kind === "share" ? t("offers.off.share_hint") : "";
  return (
    <>
      <Field
        label={t("offers.name")}
        hint={t("offers.name_hint")}
        fault={faults.name ? t("offers.fault.name") : ""}
      >
        {(id) => (
          <Input
            id={id}
            value={typed.name}
            maxLength={200}
            aria-invalid={faults.name === true}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("offers.kind")}>
        {(id) => (
          <Select<Kind>
            id={id}
            value={typed.kind}
            options={kinds.map((one) => ({ value: one, label: t(`offers.kind.${one}`) }))}
            onChange={(kind) => change({ kind })}
          />
        )}
      </Field>
      <div className={own.pair}>
        {typed.kind === "each" && sum("each", t("offers.each"), "", t("offers.fault.sum"))}
        {sum("off", t(`offers.off.${typed.kind}`), hint, wrong)}
        {sum("least", t("offers.least"), t("offers.least_hint"), t("offers.fault.sum"))}
      </div>
    </>
  );
}

function ForWhom({ typed, faults, change, list }: Part & { readonly list: PriceList }) {
  const t = useT();
  return (
    <>
      {list.levels.length > 0 && (
        <Field label={t("offers.levels")}>
          {(id) => (
            <Select
              id={id}
              mode="multiple"
              value={[...typed.levels]}
              placeholder={t("offers.levels_all")}
              options={list.levels.map((one) => ({ value: one.id, label: one.label || one.id }))}
              onChange={(levels) => change({ levels })}
            />
          )}
        </Field>
      )}
      <Checkbox checked={typed.coupon} onChange={(event) => change({ coupon: event.target.checked })}>
        {t("offers.coupon")}
      </Checkbox>
      {typed.coupon && (
        <Field
          label={t("offers.words")}
          hint={t("offers.words_hint")}
          fault={faults.words ? t("offers.fault.words") : ""}
        >
          {(id) => (
            <Select
              id={id}
              mode="tags"
              open={false}
              suffixIcon={null}
              tokenSeparators={[",", "，"]}
              value={[...typed.words]}
              onChange={(words) => change({ words })}
            />
          )}
        </Field>
      )}
    </>
  );
}
