import { Button } from "antd";
import { Lock } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { isSend, modKey, useKeys } from "../../../shared/keys/keys";
import tools from "../../../shared/ui/Tools.module.css";
import { withCard } from "../model/card";
import type { Conversation } from "../model/conversation";
import { keepDraft, readDraft } from "../model/drafts";
import { withPictures } from "../model/pictures";
import { Typing } from "../model/typing";
import { AddPictures, useDrop, usePictures } from "./AddPictures";
import { AttachCard } from "./AttachCard";
import styles from "./Composer.module.css";
import { type Named, NamingList } from "./Naming";
import { Suggest } from "./Suggest";
import { TranslateDraft } from "./TranslateDraft";
import { Tray } from "./Tray";
import { useNaming } from "./useNaming";

interface Props {
  readonly conversation: Conversation;
  readonly online: boolean;
  readonly ready: boolean;
  /** A colleague has it: what is typed here becomes a note unless one means it. */
  readonly warning: string;
  readonly onSend: (text: string, note: boolean, original?: string) => void;
}

export function Composer({ conversation, online, ready, warning, onSend }: Props) {
  const t = useT();
  const { id, status } = conversation;
  const [draft, setDraft] = useState(() => readDraft(id));
  const [note, setNote] = useState(() => !draft.reply && draft.note !== "");
  const box = useRef<HTMLTextAreaElement>(null);
  const typing = useMemo(() => new Typing(id), [id]);
  const text = note ? draft.note : draft.reply;
  const naming = useNaming(box, text, note);
  const pictures = usePictures(id);
  const over = useDrop((files) => void pictures.add(files));
  const empty = !text.trim() && pictures.all.length === 0;

  useEffect(() => keepDraft(id, draft), [id, draft]);
  useEffect(() => () => typing.stopped(), [typing]);

  const write = (words: string) =>
    setDraft((now) => (note ? { ...now, note: words } : { ...now, reply: words }));
  const turnTo = (asNote: boolean) => {
    setNote(asNote);
    box.current?.focus();
  };
  useKeys({
    r: () => turnTo(false),
    n: () => turnTo(true),
  });

  const say = (words: string, original?: string) => {
    if (pictures.hint) return;
    typing.stopped();
    onSend(withPictures(words, pictures.all), note, original);
    pictures.clear();
    write("");
    box.current?.focus();
  };
  const send = () => {
    if (!empty) say(text.trim());
  };
  const put = (option: Named) => {
    const [words, caret] = naming.put(option);
    write(words);
    requestAnimationFrame(() => box.current?.setSelectionRange(caret, caret));
    box.current?.focus();
  };
  const canned = () => {
    turnTo(false);
    setDraft((now) => (now.reply ? now : { ...now, reply: "/" }));
    requestAnimationFrame(naming.follow);
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (naming.key(event.key, put)) event.stopPropagation();
    else if (isSend(event.nativeEvent)) send();
    else if (event.key === "Escape") {
      event.stopPropagation();
      box.current?.blur();
    } else return;
    event.preventDefault();
  };
  const standing = note
    ? t("composer.note_hint")
    : warning || (status === "open" ? "" : t(`composer.${status}_hint`));

  const hint = pictures.hint || standing;

  return (
    <form
      className={`${styles.composer} ${note ? styles.note : ""}`}
      data-over={over || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {over && <p className={styles.over}>{t("picture.drop")}</p>}
      <div className={`${tools.tools} ${styles.modes}`}>
        <button type="button" aria-pressed={!note} onClick={() => turnTo(false)} aria-keyshortcuts="r">
          {t("composer.reply")}
        </button>
        <button type="button" aria-pressed={note} onClick={() => turnTo(true)} aria-keyshortcuts="n">
          <Lock size={12} strokeWidth={1.5} aria-hidden="true" />
          {t("composer.note")}
        </button>
        <AddPictures onFiles={(files) => void pictures.add(files)} />
        {!note && (
          <>
            <button type="button" className={styles.canned} onClick={canned}>
              <kbd>/</kbd> {t("composer.canned")}
            </button>
            <AttachCard id={id} onPick={(label, facts) => write(withCard(text, label, facts))} />
            <Suggest conversationId={id} onText={(words) => write(text ? `${text}\n${words}` : words)} />
          </>
        )}
        <span className={`${styles.hint} ${!note && warning ? styles.warns : ""}`} role="status">
          {!online && ready ? t("composer.offline_hint") : hint}
        </span>
      </div>
      {naming.options.length > 0 && (
        <NamingList
          id={naming.id}
          label={t(note ? "composer.colleagues" : "composer.canned")}
          options={naming.options}
          at={naming.at}
          onPick={put}
        />
      )}
      <textarea
        ref={box}
        aria-autocomplete="list"
        aria-controls={naming.options.length > 0 ? naming.id : undefined}
        aria-activedescendant={naming.options.length > 0 ? `${naming.id}-${naming.at}` : undefined}
        onSelect={naming.follow}
        onBlur={naming.leave}
        rows={2}
        value={text}
        aria-label={t(note ? "composer.note_label" : "composer.reply_label")}
        placeholder={t(note ? "composer.note_placeholder" : "composer.reply_placeholder")}
        maxLength={16_384}
        onChange={(event) => {
          write(event.target.value);
          if (!note) typing.typed(Date.now());
        }}
        onKeyDown={onKey}
        onPaste={pictures.onPaste}
      />
      <Tray store={pictures.store} all={pictures.all} onEmpty={() => box.current?.focus()} />
      {!note && <TranslateDraft conversationId={id} text={text} onSend={say} />}
      <div className={styles.foot}>
        <span className={styles.keys}>
          <kbd>{modKey}</kbd> <kbd>Enter</kbd>
        </span>
        <Button type="primary" htmlType="submit" disabled={empty || pictures.hint !== ""}>
          {t(note ? "composer.send_note" : "composer.send")}
        </Button>
      </div>
    </form>
  );
}
