import { Input, Radio } from "antd";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Choice } from "../../../shared/ui/Choice";
import { Field } from "../../../shared/ui/Field";
import type { Written } from "../api/writing";
import { linesOf, tagsOf } from "../model/drafts";
import styles from "./Editor.module.css";

interface Props {
  readonly words: Written;
  readonly onWords: (words: Written) => void;
}

export function ArticleFields({ words, onWords }: Props) {
  const t = useT();
  const [tags, setTags] = useState(words.tags.join(", "));
  const [questions, setQuestions] = useState(words.questions.join("\n"));
  const set = (change: Partial<Written>) => onWords({ ...words, ...change });
  return (
    <>
      <Field label={t("articles.title")}>
        {(id) => (
          <Input
            id={id}
            size="large"
            value={words.title}
            required
            maxLength={200}
            placeholder={t("article.title_hint")}
            onChange={(event) => set({ title: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("article.text")} hint={t("article.text_hint")}>
        {(id) => (
          <Input.TextArea
            id={id}
            className={styles.text ?? ""}
            value={words.text}
            required
            autoSize={{ minRows: 14, maxRows: 28 }}
            onChange={(event) => set({ text: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("article.questions")} hint={t("article.questions_hint")}>
        {(id) => (
          <Input.TextArea
            id={id}
            value={questions}
            autoSize={{ minRows: 3, maxRows: 10 }}
            onChange={(event) => {
              setQuestions(event.target.value);
              set({ questions: linesOf(event.target.value) });
            }}
          />
        )}
      </Field>
      <div className={styles.pair}>
        <Field label={t("articles.tags")} hint={t("article.tags_hint")}>
          {(id) => (
            <Input
              id={id}
              value={tags}
              onChange={(event) => {
                setTags(event.target.value);
                set({ tags: tagsOf(event.target.value) });
              }}
            />
          )}
        </Field>
        <Choice legend={t("articles.locale")}>
          <Radio.Group
            value={words.locale}
            onChange={(event) => set({ locale: event.target.value as string })}
          >
            <Radio value="zh-CN">中文</Radio>
            <Radio value="en">English</Radio>
          </Radio.Group>
        </Choice>
      </div>
    </>
  );
}
