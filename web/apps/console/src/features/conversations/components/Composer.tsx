import { Button } from "antd";
import { Lock } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { isSend, modKey, useKeys } from "../../../shared/keys/keys";
import type { Conversation } from "../model/conversation";
import { keepDraft, readDraft } from "../model/drafts";
import styles from "./Composer.module.css";

interface Props {
  readonly conversation: Conversation;
  readonly online: boolean;
  readonly ready: boolean;
  readonly onSend: (text: string, note: boolean) => void;
}

export function Composer({ conversation, online, ready, onSend }: Props) {
  const t = useT();
  const { id, status } = conversation;
  const [text, setText] = useState(() => readDraft(id));
  const [note, setNote] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);

  useEffect(() => keepDraft(id, text), [id, text]);
  const write = (asNote: boolean) => {
    setNote(asNote);
    box.current?.focus();
  };
  useKeys({ r: () => write(false), n: () => write(true) });

  const send = () => {
    const words = text.trim();
    if (!words) return;
    onSend(words, note);
    setText("");
    box.current?.focus();
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isSend(event.nativeEvent)) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && !event.nativeEvent.isComposing) {
      event.stopPropagation();
      box.current?.blur();
    }
  };
  const hint = note ? "composer.note_hint" : status === "open" ? "" : (`composer.${status}_hint` as const);

  return (
    <form
      className={`${styles.composer} ${note ? styles.note : ""}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles.modes}>
        <button type="button" aria-pressed={!note} onClick={() => write(false)} aria-keyshortcuts="r">
          {t("composer.reply")}
        </button>
        <button type="button" aria-pressed={note} onClick={() => write(true)} aria-keyshortcuts="n">
          <Lock size={12} strokeWidth={1.5} aria-hidden="true" />
          {t("composer.note")}
        </button>
        <span className={styles.hint}>{!online && ready ? t("composer.offline_hint") : hint && t(hint)}</span>
      </div>
      <textarea
        ref={box}
        rows={2}
        value={text}
        aria-label={t(note ? "composer.note_label" : "composer.reply_label")}
        placeholder={t(note ? "composer.note_placeholder" : "composer.reply_placeholder")}
        maxLength={16_384}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
      />
      <div className={styles.foot}>
        <span className={styles.keys}>
          <kbd>{modKey}</kbd> <kbd>Enter</kbd> {t("composer.send")}
        </span>
        <Button type="primary" htmlType="submit" disabled={!text.trim()}>
          {t(note ? "composer.send_note" : "composer.send")}
        </Button>
      </div>
    </form>
  );
}
