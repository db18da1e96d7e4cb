import { InputNumber } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Field } from "../../../shared/ui/Field";
import { type BudgetName, budgets, type Limits, type OwnLimits as Own, type Spent } from "../api/limits";
import { mayBudget, microOf, money, percentOf, standingOf, unitsOf } from "../model/budget";
import own from "./OwnLimits.module.css";

interface Props {
  readonly wanted: Own;
  readonly limits: Limits;
  readonly onChange: (wanted: Own) => void;
}

const periods = { cost_day_micro: "day", cost_month_micro: "month" } as const;

/** What model providers may cost, and how much of it is spent. */
export function Budgets(props: Props) {
  const t = useT();
  return (
    <fieldset className={own.group}>
      <legend>{t("limits.spending")}</legend>
      {budgets.map((name) => (
        <Budget key={name} name={name} {...props} />
      ))}
    </fieldset>
  );
}

function Budget({ name, wanted, limits, onChange }: Props & { readonly name: BudgetName }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const most = limits.most[name];
  const right = mayBudget(wanted[name], most);
  const installed = limits.installation[name] ?? 0;
  return (
    <div>
      <Field
        label={t(`limits.${name}`)}
        hint={t("limits.cost.then")}
        fault={right ? "" : t("limits.cost_range", { most: money(most, locale) })}
      >
        {(id) => (
          <InputNumber
            id={id}
            className={own.number ?? ""}
            prefix="¥"
            value={unitsOf(wanted[name])}
            placeholder={String(unitsOf(installed))}
            aria-invalid={!right}
            onChange={(units) => onChange({ ...wanted, [name]: microOf(units) })}
          />
        )}
      </Field>
      <Standing name={t(`limits.${name}`)} spent={limits.spending[periods[name]]} />
    </div>
  );
}

/** What holds now, as a bar and in words. */
function Standing({ name, spent }: { readonly name: string; readonly spent: Spent }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const standing = standingOf(spent);
  const sum = money(spent.spent_micro, locale);
  if (standing === "none") return <div className={own.standing}>{t("limits.spent", { sum })}</div>;
  const budget = money(spent.budget_micro, locale);
  return (
    <div className={own.standing}>
      <meter
        className={own.meter}
        min={0}
        max={spent.budget_micro}
        low={spent.budget_micro * 0.8}
        high={spent.budget_micro - 1}
        optimum={0}
        value={Math.min(spent.spent_micro, spent.budget_micro)}
        aria-label={name}
      />
      {t("limits.spent_of", { sum, budget, percent: percentOf(spent) })}
      {standing !== "fine" && <strong data-standing={standing}>{t(`limits.budget_${standing}`)}</strong>}
    </div>
  );
}
