import { ApiError } from "@miaohui/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import { Fault } from "../../../shared/ui/Fault";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { getOwnWords, type OwnWords as Kept, putOwnWords } from "../api/words";
import {
  type Fault as LineFault,
  mostBlocked,
  mostReplaced,
  readBlocked,
  readReplaced,
  typedOf,
} from "../model/words";
import styles from "./Assistants.module.css";
import lists from "./OwnWords.module.css";

/** Words that the company lists for itself, beside those that hold for all. */
export function OwnWords() {
  const t = useT();
  const words = useQuery({ queryKey: ["guard", "words"], queryFn: ({ signal }) => getOwnWords(signal) });
  return (
    <section className={styles.card} aria-labelledby="own-words">
      <h2 id="own-words">{t("words.title")}</h2>
      <p className={styles.about}>{t("words.about")}</p>
      <Loaded of={words}>
        {(found) => <Lists key={found.version} before={found} reload={() => void words.refetch()} />}
      </Loaded>
    </section>
  );
}

function Lists({ before, reload }: { readonly before: Kept; readonly reload: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [typed, setTyped] = useState(() => typedOf(before));
  const blocked = readBlocked(typed.blocked);
  const replaced = readReplaced(typed.replaced);
  const saved = useSave(
    () => putOwnWords({ blocked: blocked.words, replaced: replaced.words, version: before.version }),
    {
      onDone: (words) => {
        client.setQueryData(["guard", "words"], words);
        void message.success(t("words.saved"));
      },
    },
  );
  const newer = saved.error instanceof ApiError && saved.error.code === "words_changed";
  const right = !blocked.fault && !replaced.fault;
  return (
    <form
      className={lists.own}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (right) saved.save();
      }}
    >
      <Field
        label={t("words.blocked")}
        hint={t("words.blocked_hint", { most: mostBlocked })}
        fault={faultWords(t, blocked.fault)}
      >
        {(id) => (
          <Input.TextArea
            id={id}
            value={typed.blocked}
            autoSize={{ minRows: 4, maxRows: 14 }}
            spellCheck={false}
            aria-invalid={blocked.fault !== null}
            onChange={(event) => setTyped({ ...typed, blocked: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={t("words.replaced")}
        hint={t("words.replaced_hint", { most: mostReplaced })}
        fault={faultWords(t, replaced.fault)}
      >
        {(id) => (
          <Input.TextArea
            id={id}
            value={typed.replaced}
            placeholder={t("words.replaced_example")}
            autoSize={{ minRows: 4, maxRows: 14 }}
            spellCheck={false}
            aria-invalid={replaced.fault !== null}
            onChange={(event) => setTyped({ ...typed, replaced: event.target.value })}
          />
        )}
      </Field>
      <div className={lists.owned}>
        <Button type="primary" htmlType="submit" disabled={!right} loading={saved.saving}>
          {t("action.save")}
        </Button>
        <span>{t("words.count", { blocked: blocked.words.length, replaced: replaced.words.length })}</span>
      </div>
      <Fault>{newer ? t("words.newer") : saved.fault}</Fault>
      {newer && <Button onClick={reload}>{t("words.reload")}</Button>}
    </form>
  );
}

function faultWords(t: ReturnType<typeof useT>, fault: LineFault | null): string {
  return fault ? t("words.fault", { line: fault.line, why: t(`words.fault.${fault.why}`) }) : "";
}
