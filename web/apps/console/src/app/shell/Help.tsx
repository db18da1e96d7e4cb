import { X } from "lucide-react";
import { useT, type Word } from "../../shared/i18n/i18n";
import { modKey } from "../../shared/keys/keys";
import { Dialog } from "../../shared/ui/Dialog";
import { IconButton } from "../../shared/ui/IconButton";
import styles from "./Help.module.css";

type Group = readonly [Word, readonly (readonly [string, Word])[]];

const groups: readonly Group[] = [
  [
    "help.places",
    [
      [`${modKey} K`, "help.palette"],
      ["J / K", "help.step"],
      ["I", "help.panel"],
      ["Esc", "help.leave"],
      ["?", "help.this"],
    ],
  ],
  [
    "help.write",
    [
      ["R", "help.reply"],
      ["N", "help.note"],
      ["/", "help.canned"],
      ["@", "help.mention"],
      [`${modKey} Enter`, "help.send"],
    ],
  ],
  [
    "help.handle",
    [
      ["T", "help.take_over"],
      ["H", "help.hand_back"],
      ["E", "help.resolve"],
      ["A", "help.assign"],
      ["P", "help.priority"],
      ["L", "help.labels"],
      ["Z", "help.snooze"],
    ],
  ],
];

export function Help({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  return (
    <Dialog label={t("help.title")} onClose={onClose}>
      <div className={styles.help}>
        <header>
          <h2>{t("help.title")}</h2>
          <IconButton icon={X} name={t("action.close")} onClick={onClose} />
        </header>
        <div className={styles.groups}>
          {groups.map(([title, keys]) => (
            <section key={title}>
              <h3>{t(title)}</h3>
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
            </section>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
