import { sizeOf } from "@miaohui/ui/pictures";
import { File as FileIcon, RotateCw, X } from "lucide-react";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import type { Store } from "../../../shared/store";
import { type Attached, detach, sendAgain } from "../model/pictures";
import styles from "./Tray.module.css";

interface Props {
  readonly store: Store<readonly Attached[]>;
  readonly all: readonly Attached[];
  /** Where one writes goes on after the last was taken away. */
  readonly onEmpty: () => void;
}

/** The pictures and files that go with the next message: what they show, how far they are, and the way to leave one out. */
export function Tray({ store, all, onEmpty }: Props) {
  const t = useT();
  if (all.length === 0) return null;
  const remove = (id: string) => {
    detach(store, id);
    if (store.get().length === 0) onEmpty();
  };
  return (
    <ul className={styles.tray} aria-label={t("picture.tray")}>
      {all.map((one) => (
        <li key={one.id} className={styles.one} data-state={one.state} data-file={!one.preview || undefined}>
          {one.preview ? (
            <img src={one.preview} alt={one.name} title={one.name} />
          ) : (
            <span className={styles.file} title={one.name}>
              <FileIcon size={20} strokeWidth={1.5} aria-hidden="true" />
              <span className={styles.name}>{one.name}</span>
              <small>{sizeOf(one.file.size)}</small>
            </span>
          )}
          {one.state === "sending" && (
            <progress
              max={1}
              value={one.share}
              aria-label={t("picture.progress", { name: one.name, percent: Math.round(one.share * 100) })}
            />
          )}
          {one.state === "failed" && (
            <button
              type="button"
              className={styles.again}
              aria-label={t("picture.again", { name: one.name })}
              title={wordsOf(one.code, t)}
              onClick={() => sendAgain(store, one)}
            >
              <RotateCw size={16} strokeWidth={1.5} aria-hidden="true" />
              {t("action.retry")}
            </button>
          )}
          <button
            type="button"
            className={styles.remove}
            aria-label={t("picture.remove", { name: one.name })}
            onClick={() => remove(one.id)}
          >
            <X size={14} strokeWidth={2} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function wordsOf(code: string, t: ReturnType<typeof useT>): string {
  const word = `problem.${code}`;
  return hasWord(word) ? t(word, { seconds: 5 }) : t("picture.failed");
}
