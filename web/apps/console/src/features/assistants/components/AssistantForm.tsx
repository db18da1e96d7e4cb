import { App, Button, Input, Radio } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import {
  type Assistant,
  emojis,
  type Language,
  languages,
  paces,
  type Served,
  setAssistant,
  tones,
} from "../api/assistants";
import styles from "./Assistants.module.css";
import { FirstWords } from "./FirstWords";
import { Paced } from "./Paced";

/** Name, persona, manner and first words; beside it, how a visitor is greeted. */
export function AssistantForm({ served }: { readonly served: Served }) {
  const t = useT();
  const { message } = App.useApp();
  const [asked, setAsked] = useState<Assistant>(served.assistant);
  const [language, setLanguage] = useState<Language>(served.locale);
  const [questions, setQuestions] = useState<Partial<Record<Language, string>>>(
    Object.fromEntries(
      languages.map((one) => [one, (served.assistant.quick_questions[one] ?? []).join("\n")]),
    ),
  );
  const set = (change: Partial<Assistant>) => setAsked({ ...asked, ...change });
  const saved = useAct(() => setAssistant(served.id, asked), {
    refreshes: [["assistant"], ["inboxes"]],
    onDone: () => void message.success(t("assistants.saved")),
  });
  return (
    <div className={styles.split}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saved.mutate();
        }}
      >
        <Field label={t("assistants.name")} hint={t("assistants.name_hint")}>
          {(id) => (
            <Input
              id={id}
              value={asked.name}
              required
              maxLength={40}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
        <Field label={t("assistants.persona")} hint={t("assistants.persona_hint")}>
          {(id) => (
            <Input.TextArea
              id={id}
              value={asked.persona}
              maxLength={2000}
              autoSize={{ minRows: 3, maxRows: 10 }}
              onChange={(event) => set({ persona: event.target.value })}
            />
          )}
        </Field>
        <fieldset className={styles.choice}>
          <legend>{t("assistants.tone")}</legend>
          <Radio.Group
            value={asked.tone}
            onChange={(event) => set({ tone: event.target.value as Assistant["tone"] })}
          >
            {tones.map((one) => (
              <Radio key={one} value={one}>
                {t(`assistants.tone.${one || "own"}`)}
              </Radio>
            ))}
          </Radio.Group>
        </fieldset>
        <fieldset className={styles.choice}>
          <legend>{t("assistants.emoji")}</legend>
          <Radio.Group
            value={asked.emoji}
            onChange={(event) => set({ emoji: event.target.value as Assistant["emoji"] })}
          >
            {emojis.map((one) => (
              <Radio key={one} value={one}>
                {t(`assistants.emoji.${one || "own"}`)}
              </Radio>
            ))}
          </Radio.Group>
        </fieldset>
        <fieldset className={styles.choice}>
          <legend>{t("assistants.pace")}</legend>
          <Radio.Group
            value={asked.pace}
            onChange={(event) => set({ pace: event.target.value as Assistant["pace"] })}
          >
            {paces.map((one) => (
              <Radio key={one} value={one}>
                {t(`assistants.pace.${one || "own"}`)}
              </Radio>
            ))}
          </Radio.Group>
          <p>{t("assistants.pace_hint")}</p>
          <Paced pace={asked.pace} />
        </fieldset>
        <fieldset className={styles.choice}>
          <legend>{t("assistants.language")}</legend>
          <Radio.Group value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
            <Radio value="zh-CN">中文</Radio>
            <Radio value="en">English</Radio>
          </Radio.Group>
          <p>{t("assistants.language_hint")}</p>
        </fieldset>
        <Field label={t("assistants.greeting")}>
          {(id) => (
            <Input.TextArea
              id={id}
              lang={language}
              value={asked.greeting[language] ?? ""}
              maxLength={500}
              autoSize={{ minRows: 2, maxRows: 6 }}
              onChange={(event) => set({ greeting: { ...asked.greeting, [language]: event.target.value } })}
            />
          )}
        </Field>
        <Field label={t("assistants.questions")} hint={t("assistants.questions_hint")}>
          {(id) => (
            <Input.TextArea
              id={id}
              lang={language}
              value={questions[language] ?? ""}
              autoSize={{ minRows: 3, maxRows: 6 }}
              onChange={(event) => {
                setQuestions({ ...questions, [language]: event.target.value });
                set({
                  quick_questions: { ...asked.quick_questions, [language]: offered(event.target.value) },
                });
              }}
            />
          )}
        </Field>
        <Button type="primary" htmlType="submit" disabled={!asked.name.trim()} loading={saved.isPending}>
          {t("action.save")}
        </Button>
      </form>
      <FirstWords assistant={asked} language={language} />
    </div>
  );
}

/** At most six, of at most sixty characters. */
function offered(text: string): string[] {
  const lines = text.split("\n").map((one) => one.trim().slice(0, 60));
  return [...new Set(lines.filter(Boolean))].slice(0, 6);
}
