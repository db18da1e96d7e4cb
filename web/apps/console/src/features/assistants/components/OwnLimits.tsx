import { ApiError } from "@miaohui/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, InputNumber, Switch } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { Fault } from "../../../shared/ui/Fault";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { getLimits, type LimitName, type Limits, type OwnLimits as Own, putLimits } from "../api/limits";
import { allFit, fits, groups, isChanged, rangeOf } from "../model/limits";
import styles from "./Assistants.module.css";
import { Budgets } from "./Budgets";
import own from "./OwnLimits.module.css";
import lists from "./OwnWords.module.css";

const key = ["guard", "limits"];

/** How much visitors may send and when a person is called: the installation's values, and what the company changed. */
export function OwnLimits() {
  const t = useT();
  const limits = useQuery({ queryKey: key, queryFn: ({ signal }) => getLimits(signal) });
  return (
    <section className={styles.card} aria-labelledby="own-limits">
      <h2 id="own-limits">{t("limits.title")}</h2>
      <p className={styles.about}>{t("limits.about")}</p>
      <Loaded of={limits}>
        {(found) => <Form key={found.own.version} limits={found} reload={() => void limits.refetch()} />}
      </Loaded>
    </section>
  );
}

function Form({ limits, reload }: { readonly limits: Limits; readonly reload: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [wanted, setWanted] = useState(limits.own);
  const saved = useSave(() => putLimits(wanted), {
    onDone: (now) => {
      client.setQueryData(key, now);
      void message.success(t("limits.saved"));
    },
  });
  const newer = saved.error instanceof ApiError && saved.error.code === "limits_changed";
  const right = allFit(wanted, limits) && isChanged(wanted, limits.own);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (right) saved.save();
      }}
    >
      <div className={own.groups}>
        {groups.map(({ title, names }) => (
          <fieldset key={title} className={own.group}>
            <legend>{t(title)}</legend>
            {names.map((name) => (
              <Amount key={name} name={name} wanted={wanted} limits={limits} onChange={setWanted} />
            ))}
            {title === "limits.people" && (
              <Failing wanted={wanted} installed={limits.installation} onChange={setWanted} />
            )}
          </fieldset>
        ))}
        <Budgets wanted={wanted} limits={limits} onChange={setWanted} />
        <div className={lists.owned}>
          <Button type="primary" htmlType="submit" disabled={!right} loading={saved.saving}>
            {t("action.save")}
          </Button>
        </div>
        <Fault>{newer ? t("limits.newer") : saved.fault}</Fault>
        {newer && <Button onClick={reload}>{t("limits.reload")}</Button>}
      </div>
    </form>
  );
}

interface Changing {
  readonly wanted: Own;
  readonly onChange: (wanted: Own) => void;
}

function Amount({
  name,
  wanted,
  limits,
  onChange,
}: Changing & { readonly name: LimitName; readonly limits: Limits }) {
  const t = useT();
  const right = fits(name, wanted[name], limits);
  return (
    <div>
      <Field
        label={t(`limits.${name}`)}
        hint={t(`limits.${name}.then`)}
        fault={right ? "" : t("limits.range", { ...rangeOf(name, limits) })}
      >
        {(id) => (
          <InputNumber
            id={id}
            className={own.number ?? ""}
            value={wanted[name]}
            placeholder={String(limits.installation[name])}
            aria-invalid={!right}
            onChange={(value) => onChange({ ...wanted, [name]: value })}
          />
        )}
      </Field>
      <Standing
        name={t(`limits.${name}`)}
        changed={wanted[name] !== null}
        installed={String(limits.installation[name])}
        onBack={() => onChange({ ...wanted, [name]: null })}
      />
    </div>
  );
}

function Failing({ wanted, installed, onChange }: Changing & { readonly installed: Own }) {
  const t = useT();
  return (
    <div>
      <Field label={t("limits.handoff_tool_failure")} hint={t("limits.handoff_tool_failure.then")}>
        {(id) => (
          <div>
            <Switch
              id={id}
              checked={wanted.handoff_tool_failure ?? installed.handoff_tool_failure ?? false}
              onChange={(on) => onChange({ ...wanted, handoff_tool_failure: on })}
            />
          </div>
        )}
      </Field>
      <Standing
        name={t("limits.handoff_tool_failure")}
        changed={wanted.handoff_tool_failure !== null}
        installed={t(installed.handoff_tool_failure ? "limits.on" : "limits.off")}
        onBack={() => onChange({ ...wanted, handoff_tool_failure: null })}
      />
    </div>
  );
}

interface Stands {
  readonly name: string;
  readonly changed: boolean;
  readonly installed: string;
  readonly onBack: () => void;
}

/** Whose value it is, and the way back. */
function Standing({ name, changed, installed, onBack }: Stands) {
  const t = useT();
  return (
    <div className={own.standing}>
      <span>{t(changed ? "limits.own" : "limits.as_installed", { value: installed })}</span>
      {changed && (
        <Button type="link" size="small" aria-label={t("limits.back_of", { name })} onClick={onBack}>
          {t("limits.back")}
        </Button>
      )}
    </div>
  );
}
