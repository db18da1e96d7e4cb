import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { type Guard, getGuard, type Judged, tryGuard } from "../api/assistants";
import styles from "./Assistants.module.css";
import { OwnLimits } from "./OwnLimits";
import { OwnWords } from "./OwnWords";

/** Which words are not let in or out, how much a visitor may write, and a sentence to try. */
export function Limits() {
  const guard = useQuery({ queryKey: ["guard"], queryFn: ({ signal }) => getGuard(signal) });
  return (
    <Loaded of={guard}>
      {(found) => (
        <>
          <div className={styles.cards}>
            <Words guard={found} />
          </div>
          <OwnWords />
          <OwnLimits />
          <Trial />
        </>
      )}
    </Loaded>
  );
}

function Words({ guard }: { readonly guard: Guard }) {
  const t = useT();
  return (
    <section className={styles.card} aria-labelledby="guard-words">
      <h2 id="guard-words">{t("guard.words")}</h2>
      <p className={styles.about}>{t("guard.words_about")}</p>
      <dl>
        {Object.entries(guard.words).map(([category, count]) => (
          <div key={category}>
            <dt>{named(t, category)}</dt>
            <dd>{t("guard.count", { count })}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Trial() {
  const t = useT();
  const [text, setText] = useState("");
  const judged = useAct((asked: string) => tryGuard(asked));
  return (
    <form
      className={`${styles.card} ${styles.judge}`}
      onSubmit={(event) => {
        event.preventDefault();
        judged.mutate(text);
      }}
    >
      <h2>{t("guard.try")}</h2>
      <Field label={t("guard.try_label")} hint={t("guard.try_hint")}>
        {(id) => (
          <Input.TextArea
            id={id}
            value={text}
            maxLength={20_000}
            autoSize={{ minRows: 2, maxRows: 8 }}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button type="primary" htmlType="submit" disabled={!text.trim()} loading={judged.isPending}>
        {t("tools.try")}
      </Button>
      {judged.data && (
        <p role="status" className={styles.verdict} data-allowed={judged.data.allowed}>
          {verdictOf(t, judged.data)}
        </p>
      )}
      {judged.data && judged.data.said !== judged.variables && (
        <p className={styles.said_as}>
          {t("guard.said")}: {judged.data.said}
        </p>
      )}
    </form>
  );
}

function verdictOf(t: ReturnType<typeof useT>, { allowed, reason, category, suspicion }: Judged): string {
  if (allowed) return suspicion >= 0.5 ? t("guard.suspicious") : t("guard.allowed");
  const word = `guard.reason.${reason}`;
  const why = hasWord(word) ? t(word) : reason;
  return category ? `${why} · ${named(t, category)}` : why;
}

function named(t: ReturnType<typeof useT>, category: string): string {
  const word = `guard.category.${category}`;
  return hasWord(word) ? t(word) : category;
}
