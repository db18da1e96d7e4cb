import { CornerDownLeft } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useT } from "../../shared/i18n/i18n";
import { Dialog } from "../../shared/ui/Dialog";
import { type Command, find } from "./commands";
import styles from "./Palette.module.css";
import { useCommands } from "./useCommands";

interface Props {
  readonly onClose: () => void;
  readonly onHelp: () => void;
}

export function Palette({ onClose, onHelp }: Props) {
  const t = useT();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const commands = useCommands(text, onHelp);
  const found = useMemo(() => find(commands, text), [commands, text]);
  const current = found[Math.min(at, found.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0)
      setAt((now) => (Math.min(now, found.length - 1) + step + found.length) % found.length);
    else if (event.key === "Enter") run(current);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog label={t("palette.title")} onClose={onClose}>
      <input
        className={styles.input}
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={current && `${listId}-${current.id}`}
        aria-label={t("palette.title")}
        placeholder={t("palette.hint")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div ref={list} id={listId} className={styles.list} role="listbox" aria-label={t("palette.title")}>
        {found.map((command) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys
          <div
            key={command.id}
            id={`${listId}-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === current}
            onClick={() => run(command)}
          >
            <span className={styles.name}>{command.name}</span>
            <span className={styles.about}>{command.about}</span>
            {command === current && <CornerDownLeft size={14} strokeWidth={1.5} aria-hidden="true" />}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={styles.none}>{t("palette.none")}</p>}
    </Dialog>
  );
}
