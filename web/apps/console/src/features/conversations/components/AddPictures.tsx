import { App } from "antd";
import { Paperclip } from "lucide-react";
import { type ClipboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { hasWord, type Translate, useT } from "../../../shared/i18n/i18n";
import { useStore } from "../../../shared/store";
import { type Attached, accepted, attach, detachAll, mostAtOnce, picturesOf } from "../model/pictures";
import styles from "./Composer.module.css";

/** The pictures and files of one conversation that are to go with the next message, and the ways to add some. */
export function usePictures(conversationId: string) {
  const t = useT();
  const { message } = App.useApp();
  const store = useMemo(() => picturesOf(conversationId), [conversationId]);
  const all = useStore(store);
  const add = async (files: readonly File[]) => {
    const refused = await attach(store, files);
    for (const { name, why } of refused)
      void message.error(t(`picture.refused.${why}`, { name, most: mostAtOnce }), 6);
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = Array.from(event.clipboardData.files);
    // Copied cells of a table come as words and as a picture of them: the words were meant.
    if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    void add(files);
  };
  const sending = all.some((one) => one.state === "sending");
  const failed = all.find((one) => one.state === "failed");
  const clear = () => detachAll(store);
  const hint = sending ? t("picture.sending") : failed ? whyFailed(failed, t) : "";
  return { store, all, add, onPaste, clear, hint } as const;
}

/** What the server said against it, or that it did not get there. */
export function whyFailed({ code }: Pick<Attached, "code">, t: Translate): string {
  const word = `problem.${code}`;
  return code.startsWith("file") && hasWord(word) ? t(word) : t("picture.failed");
}

/** Whether files are being dragged over this window; where they are let go of does not matter. */
export function useDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const onOver = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => !event.relatedTarget && setOver(false);
    const onDrop = (event: DragEvent) => {
      setOver(false);
      if (!carries(event) || event.defaultPrevented) return;
      event.preventDefault();
      take.current(Array.from(event.dataTransfer?.files ?? []));
    };
    const ways = [
      ["dragover", onOver],
      ["dragleave", onLeave],
      ["drop", onDrop],
    ] as const;
    for (const [name, hear] of ways) window.addEventListener(name, hear);
    return () => {
      for (const [name, hear] of ways) window.removeEventListener(name, hear);
    };
  }, []);
  return over;
}

/** Opens the system's own dialog to choose some. */
export function AddPictures({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className={styles.canned} onClick={() => input.current?.click()}>
        <Paperclip size={12} strokeWidth={1.5} aria-hidden="true" />
        {t("picture.add")}
      </button>
      <input
        ref={input}
        type="file"
        accept={accepted}
        multiple
        hidden
        aria-label={t("picture.add")}
        onChange={(event) => {
          onFiles(Array.from(event.target.files ?? []));
          // The same file once more is a choice, too.
          event.target.value = "";
        }}
      />
    </>
  );
}
