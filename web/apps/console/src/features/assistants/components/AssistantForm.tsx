import { App, Button, Input, Radio } from "antd";
import { type ReactNode, useState } from "react";
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
        <Manner
          legend={t("assistants.tone")}
          options={tones}
          value={asked.tone}
          word={(one) => t(`assistants.tone.${one || "own"}`)}
          onPick={(tone) => set({ tone })}
        />
        <Manner
          legend={t("assistants.emoji")}
          options={emojis}
          value={asked.emoji}
          word={(one) => t(`assistants.emoji.${one || "own"}`)}
          onPick={(emoji) => set({ emoji })}
        />
        <Manner
          legend={t("assistants.pace")}
          options={paces}
          value={asked.pace}
          word={(one) => t(`assistants.pace.${one || "own"}`)}
          onPick={(pace) => set({ pace })}
        >
          <p>{t("assistants.pace_hint")}</p>
          <Paced pace={asked.pace} />
        </Manner>
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

interface MannerProps<T extends string> {
  readonly legend: string;
  readonly options: readonly T[];
  readonly value: T;
  readonly word: (one: T) => string;
  readonly onPick: (one: T) => void;
  readonly children?: ReactNode;
}

/** One of a few ways to speak. */
function Manner<T extends string>({ legend, options, value, word, onPick, children }: MannerProps<T>) {
  return (
    <fieldset className={styles.choice}>
      <legend>{legend}</legend>
      <Radio.Group value={value} onChange={(event) => onPick(event.target.value as T)}>
        {options.map((one) => (
          <Radio key={one} value={one}>
            {word(one)}
          </Radio>
        ))}
      </Radio.Group>
      {children}
    </fieldset>
  );
}
