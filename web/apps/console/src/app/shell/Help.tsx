import { useT, type Word } from "../../shared/i18n/i18n";
import { modKey } from "../../shared/keys/keys";
import { Dialog } from "../../shared/ui/Dialog";
import styles from "./Help.module.css";

const keys: readonly (readonly [string, Word])[] = [
  [`${modKey} K`, "help.palette"],
  ["J / K", "help.step"],
  ["R", "help.reply"],
  ["N", "help.note"],
  ["T", "help.take_over"],
  ["H", "help.hand_back"],
  ["E", "help.resolve"],
  [`${modKey} Enter`, "help.send"],
  ["Esc", "help.leave"],
  ["?", "help.this"],
];

export function Help({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  return (
    <Dialog label={t("help.title")} onClose={onClose}>
      <div className={styles.help}>
        <h2>{t("help.title")}</h2>
        <dl>
          {keys.map(([key, word]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{t(word)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
