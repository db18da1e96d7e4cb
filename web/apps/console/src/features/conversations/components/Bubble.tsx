import type { Message } from "@miaohui/client";
import { circled } from "@miaohui/ui/prose";
import { Lock, ThumbsDown, ThumbsUp } from "lucide-react";
import { memo } from "react";
import { clock, fullStamp } from "../../../shared/format/time";
import { hasWord, type Translate, useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { activityWords } from "../model/activity";
import { partsOf } from "../model/card";
import styles from "./Bubble.module.css";
import { Translated } from "./Translated";

interface Props {
  readonly message: Message;
  /** Whether it goes on where the one above left off, and needs no name again. */
  readonly follows: boolean;
  readonly onPassage: (chunkId: string) => void;
  readonly onWhy: (turnId: string) => void;
}

/** Visitors at the left; whoever speaks for the company at the right; what happened, in the middle. */
export const Bubble = memo(function Bubble({ message, follows, onPassage, onWhy }: Props) {
  const t = useT();
  const { locale } = useStore(prefs);
  const at = Date.parse(message.created_at);
  if (message.kind === "activity" || message.sender.kind === "system") {
    return (
      <p className={styles.activity}>
        <span>{activityWords(message.text, t, hasWord)}</span>{" "}
        <time dateTime={message.created_at}>{clock(at, locale)}</time>
      </p>
    );
  }
  const tone = message.kind === "note" ? "note" : message.sender.kind;
  const citations = message.citations ?? [];
  const [words, card] = partsOf(message.text);
  const open = (n: number) => {
    const found = citations.find((one) => one.n === n);
    if (found) onPassage(found.chunk_id);
  };
  return (
    <article
      className={`${styles.item} ${tone === "visitor" ? styles.left : styles.right}`}
      data-tone={tone}
      data-follows={follows}
    >
      <header className={follows ? "visually-hidden" : styles.meta}>
        <Who message={message} t={t} />
        <time dateTime={message.created_at} title={fullStamp(at, locale)}>
          {clock(at, locale)}
        </time>
      </header>
      <div className={`${styles.bubble} ${styles[tone]}`}>
        <Prose
          text={words}
          onCite={citations.length > 0 ? open : undefined}
          citeName={(n) => t("thread.cite", { n, title: citations.find((one) => one.n === n)?.title ?? "" })}
        />
        {card && <p className={styles.card}>{card}</p>}
      </div>
      <Translated message={message} />
      {tone === "assistant" && (
        <footer className={styles.foot}>
          {citations.map((one) => (
            <button key={one.n} type="button" className={styles.link} onClick={() => onPassage(one.chunk_id)}>
              {circled(one.n)} {one.title}
            </button>
          ))}
          {message.turn && (
            <button type="button" className={styles.link} onClick={() => onWhy(message.turn ?? "")}>
              {t("thread.why")}
            </button>
          )}
          <Rated rating={message.rating ?? 0} t={t} />
        </footer>
      )}
    </article>
  );
});

function Who({ message, t }: { readonly message: Message; readonly t: Translate }) {
  if (message.kind === "note") {
    return (
      <span className={styles.private}>
        <Lock size={12} strokeWidth={1.5} aria-hidden="true" />
        {t("thread.note", { name: message.sender.name || t("who.agent") })}
      </span>
    );
  }
  const name = message.sender.name || t(`who.${message.sender.kind}`);
  return (
    <span>
      {name}
      {message.sender.kind === "assistant" && <span className={styles.ai}>AI</span>}
    </span>
  );
}

function Rated({ rating, t }: { readonly rating: number; readonly t: Translate }) {
  if (rating === 0) return null;
  const Icon = rating > 0 ? ThumbsUp : ThumbsDown;
  return (
    <span className={styles.rated}>
      <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
      {t(rating > 0 ? "thread.rated_up" : "thread.rated_down")}
    </span>
  );
}
