import { App, Button } from "antd";
import { Languages } from "lucide-react";
import { useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { changeHabits, habits } from "../../../shared/prefs/habits";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import tools from "../../../shared/ui/Tools.module.css";
import { type Rendered, renderDraft } from "../api/translation";
import { all, threadOf } from "../model/thread";
import { choiceFor, guess, languageName } from "../model/tongues";
import { languageOf, speak } from "../model/translating";
import { renderingsOf } from "../model/translations";
import { useTranslation } from "./Translated";
import styles from "./Translation.module.css";

interface Props {
  readonly conversationId: string;
  /** What is written in the reply box now. */
  readonly text: string;
  readonly onSend: (translated: string, original: string) => void;
}

interface Draft extends Rendered {
  readonly of: string;
}

/** Below the reply box: one's words in the visitor's language, to be read and changed before they are sent. */
export function TranslateDraft({ conversationId, text, onSend }: Props) {
  const t = useT();
  const { message } = App.useApp();
  const state = useTranslation().data;
  const { locale } = useStore(prefs);
  const to = useStore(languageOf(conversationId));
  const { translate_incoming: auto } = useStore(habits);
  const theirs = useTheirs(conversationId, locale, state?.languages ?? []);
  const [draft, setDraft] = useState<Draft | null>(null);
  const language = to || theirs;
  const words = text.trim();
  const asked = useAct(() => renderDraft(conversationId, words, language), {
    onDone: (rendered) => setDraft({ ...rendered, of: words }),
  });
  if (!state || state.why.startsWith("off")) return null;
  const name = languageName(language, locale);
  const always = (on: boolean) =>
    void changeHabits({ translate_incoming: on }).catch((error) => void message.error(plainWords(error)));
  const explain = () => {
    const why = `translate.why.${state.why}`;
    void message.info(t(hasWord(why) ? why : "problem.unavailable"));
  };
  return (
    <>
      <div className={`${tools.tools} ${styles.bar}`}>
        <button
          type="button"
          disabled={state.available && (!words || asked.isPending)}
          aria-busy={asked.isPending}
          aria-label={t("translate.draft", { language: name })}
          onClick={state.available ? () => asked.mutate() : explain}
        >
          <Languages size={12} strokeWidth={1.5} aria-hidden="true" />
          {state.available
            ? t(asked.isPending ? "translate.drafting" : "translate.to")
            : t("translate.draft", { language: name })}
        </button>
        {state.available && (
          <>
            <select
              aria-label={t("translate.to")}
              value={language}
              onChange={(event) => speak(conversationId, event.target.value)}
            >
              {state.languages.map((one) => (
                <option key={one} value={one}>
                  {languageName(one, locale)}
                </option>
              ))}
            </select>
            <label title={t("translate.auto_hint")}>
              <input type="checkbox" checked={auto} onChange={(event) => always(event.target.checked)} />
              {t("translate.auto")}
            </label>
          </>
        )}
      </div>
      {draft && (
        <Preview
          draft={draft}
          stale={draft.of !== words}
          onChange={(changed) => setDraft({ ...draft, text: changed })}
          onDrop={() => setDraft(null)}
          onSend={() => {
            onSend(draft.text.trim(), draft.of);
            setDraft(null);
          }}
        />
      )}
    </>
  );
}

interface PreviewProps {
  readonly draft: Draft;
  readonly stale: boolean;
  readonly onChange: (text: string) => void;
  readonly onDrop: () => void;
  readonly onSend: () => void;
}

function Preview({ draft, stale, onChange, onDrop, onSend }: PreviewProps) {
  const t = useT();
  return (
    <div className={styles.preview}>
      <p>{t("translate.preview_hint")}</p>
      {draft.lost.length > 0 && (
        <p className={styles.warns} role="alert">
          {t("translate.lost", { what: draft.lost.join(", ") })}
        </p>
      )}
      {stale && (
        <p className={styles.warns} role="status">
          {t("translate.stale")}
        </p>
      )}
      <textarea
        rows={2}
        lang={draft.language}
        aria-label={t("translate.preview")}
        maxLength={16_384}
        value={draft.text}
        onChange={(event) => onChange(event.target.value)}
      />
      <div className={styles.acts}>
        <Button onClick={onDrop}>{t("translate.drop")}</Button>
        <Button type="primary" disabled={stale || !draft.text.trim()} onClick={onSend}>
          {t("translate.send")}
        </Button>
      </div>
    </div>
  );
}

/** The language that the visitor wrote in last, as a model named it or as the letters show it. */
function useTheirs(conversationId: string, mine: string, known: readonly string[]): string {
  const thread = useStore(threadOf(conversationId));
  const renderings = useStore(renderingsOf(conversationId, mine));
  for (const one of all(thread).toReversed()) {
    if (one.sender.kind !== "visitor" || one.kind !== "text") continue;
    const rendering = renderings[one.id];
    const named = rendering?.state === "done" ? choiceFor(rendering.it.source, known) : "";
    const found = named || choiceFor(guess(one.text), known);
    if (found && found !== mine) return found;
  }
  return mine.startsWith("zh") ? "en" : "zh-CN";
}
