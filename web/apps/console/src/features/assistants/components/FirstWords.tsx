import { useT } from "../../../shared/i18n/i18n";
import { Face } from "../../../shared/ui/Face";
import type { Assistant, Language } from "../api/assistants";
import styles from "./Assistants.module.css";
import preview from "./FirstWords.module.css";

/** How a visitor is greeted, as it is being written. */
export function FirstWords({
  assistant,
  language,
}: {
  readonly assistant: Assistant;
  readonly language: Language;
}) {
  const t = useT();
  const questions = assistant.quick_questions[language] ?? [];
  return (
    <aside className={preview.first} aria-label={t("assistants.preview")}>
      <p className={styles.about}>{t("assistants.preview")}</p>
      <div className={preview.window} lang={language}>
        <header>
          <Face name={assistant.name} kind="assistant" size={32} />
          <strong>{assistant.name}</strong>
        </header>
        <div className={preview.said}>
          <p className={preview.bubble}>{assistant.greeting[language] || t("assistants.no_greeting")}</p>
          {questions.length > 0 && (
            <ul>
              {questions.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </aside>
  );
}
