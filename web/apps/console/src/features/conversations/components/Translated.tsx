import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import { habits } from "../../../shared/prefs/habits";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { getTranslationState } from "../api/translation";
import { languageName, looksForeign } from "../model/tongues";
import { recall, renderingsOf, shown, translate } from "../model/translations";
import styles from "./Translation.module.css";

/** As much of a message as translating needs. */
export interface Told {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly sender: { readonly kind: string };
  /** What a colleague wrote, where the text is a translation of it. */
  readonly original?: string;
}

/** Whether and into what one may translate; the same for every conversation. */
export function useTranslation() {
  return useQuery({
    queryKey: ["translation"],
    queryFn: ({ signal }) => getTranslationState(signal),
    staleTime: 60_000,
  });
}

/** Below a message: its translation, the way to one, or what a colleague wrote before it was translated. */
export function Translated({ message }: { readonly message: Told }) {
  const t = useT();
  if (message.original) {
    return (
      <div className={styles.translated} data-original="">
        <span className={styles.label}>{t("translate.wrote")}</span>
        <Prose text={message.original} />
      </div>
    );
  }
  return message.sender.kind === "visitor" && message.kind === "text" ? <Foreign message={message} /> : null;
}

function Foreign({ message }: { readonly message: Told }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const conversation = useStore(shown);
  const rendering = useStore(renderingsOf(conversation, locale))[message.id];
  const state = useTranslation().data;
  if (!conversation || !state?.available) return null;
  const ask = () => void translate(conversation, [message.id], locale);
  if (rendering?.state === "busy") return <span className={styles.label}>{t("translate.drafting")}</span>;
  if (rendering?.state === "failed") {
    const reason = `problem.${rendering.code}`;
    return (
      <span className={styles.failed} role="alert">
        {t(hasWord(reason) ? reason : "problem.unavailable")}
        <button type="button" className={styles.link} onClick={ask}>
          {t("translate.again")}
        </button>
      </span>
    );
  }
  if (rendering?.state === "done" && rendering.it.same) return null;
  if (rendering?.state === "done") {
    const { source, text } = rendering.it;
    const label = source
      ? t("translate.from", { language: languageName(source, locale) })
      : t("translate.of");
    return (
      <div className={styles.translated} data-translation="" lang={locale}>
        <span className={styles.label}>{label}</span>
        <Prose text={text} />
      </div>
    );
  }
  if (!looksForeign(message.text, locale)) return null;
  return (
    <button type="button" className={styles.link} onClick={ask}>
      {t("translate.message")}
    </button>
  );
}

/** Reads what was translated before, and translates what comes in where one has asked for that. Draws nothing. */
export function Translating({ id, messages }: { readonly id: string; readonly messages: readonly Told[] }) {
  const { locale } = useStore(prefs);
  const { translate_incoming: auto } = useStore(habits);
  const available = useTranslation().data?.available === true;
  useEffect(() => {
    shown.set(id);
    if (available) void recall(id, locale).catch(() => undefined);
  }, [id, locale, available]);
  const wanted = auto && available ? messages.slice(-40).filter((one) => isWanted(one, id, locale)) : [];
  const key = wanted.map((one) => one.id).join(" ");
  useEffect(() => {
    if (key) void translate(id, key.split(" "), locale);
  }, [key, id, locale]);
  return null;
}

/** What failed is not asked for again by itself. */
function isWanted(message: Told, conversation: string, locale: string): boolean {
  const known = renderingsOf(conversation, locale).get()[message.id];
  const spoken = message.sender.kind === "visitor" && message.kind === "text";
  return spoken && !known && looksForeign(message.text, locale);
}
