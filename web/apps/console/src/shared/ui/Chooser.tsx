import { Check } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useT } from "../i18n/i18n";
import styles from "./Chooser.module.css";
import { found, type Option, stepped } from "./options";
import { floatBelow } from "./place";

interface Props {
  /** What the button does, for who cannot see it. */
  readonly label: string;
  readonly options: readonly Option[];
  readonly onPick: (key: string) => void;
  /** What is chosen now, where the button shows it. */
  readonly value?: string;
  /** What the button shows. */
  readonly children: ReactNode;
  /** Several may be chosen: picking leaves it open. */
  readonly many?: boolean;
  /** A box to find an option by typing, with these words in it. */
  readonly find?: string;
  /** What to do with words that are no option yet. */
  readonly onNew?: ((words: string) => void) | undefined;
  /** What stands there while there is nothing to choose. */
  readonly none?: string;
  readonly open?: boolean;
  readonly onOpen?: (open: boolean) => void;
  readonly look?: "plain" | "boxed" | "quiet";
  readonly shortcut?: string;
}

/** A button that opens a list to choose from; the list floats above everything and takes the keys. */
export function Chooser(props: Props) {
  const [own, setOwn] = useState(false);
  const open = props.open ?? own;
  const setOpen = (next: boolean) => {
    setOwn(next);
    props.onOpen?.(next);
  };
  const button = useRef<HTMLButtonElement>(null);
  const close = (back: boolean) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  return (
    <span className={styles.chooser}>
      <button
        ref={button}
        type="button"
        className={styles[props.look ?? "boxed"]}
        aria-label={props.value ? `${props.label}: ${props.value}` : props.label}
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-keyshortcuts={props.shortcut}
        title={props.shortcut ? `${props.label} · ${props.shortcut.toUpperCase()}` : undefined}
        onClick={() => setOpen(!open)}
      >
        {props.children}
      </button>
      {open && <Panel {...props} anchor={button} onClose={close} />}
    </span>
  );
}

interface PanelProps extends Props {
  readonly anchor: { readonly current: HTMLButtonElement | null };
  readonly onClose: (back: boolean) => void;
}

function Panel({ label, options, onPick, many, find, onNew, none, anchor, onClose }: PanelProps) {
  const t = useT();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(() => Math.max(0, many ? 0 : options.findIndex((one) => one.chosen)));
  const shown = found(options, words);
  const current = shown[Math.min(at, shown.length - 1)];
  const fresh = onNew && words.trim() && !options.some((one) => one.name === words.trim());
  useLayoutEffect(() => {
    const panel = box.current;
    if (!panel || !anchor.current) return;
    panel.showPopover();
    floatBelow(panel, anchor.current);
    (panel.querySelector("input") ?? list.current)?.focus();
  }, [anchor]);
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  });
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !anchor.current?.contains(target)) onClose(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  });
  const pick = (option: Option | undefined) => {
    if (option) onPick(option.key);
    else if (fresh) onNew?.(words.trim());
    else return;
    if (many) setWords("");
    else onClose(true);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onClose(true);
    else if (event.key === "Tab") return onClose(false);
    else if (event.key === "Enter" || (event.key === " " && find === undefined)) pick(current);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp")
      setAt(stepped(Math.min(at, shown.length - 1), event.key === "ArrowDown" ? 1 : -1, shown.length));
    else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  };
  const activeId = current && `${id}-${current.key}`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the list and its box, in one place
    <div ref={box} popover="manual" className={styles.panel} onKeyDown={onKey}>
      {find !== undefined && (
        <input
          className={styles.find}
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={activeId}
          aria-label={find}
          placeholder={find}
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
            setAt(0);
          }}
        />
      )}
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label={label}
        aria-multiselectable={many}
        aria-activedescendant={find === undefined ? activeId : undefined}
        tabIndex={find === undefined ? 0 : -1}
        className={styles.list}
      >
        {shown.map((one) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the panel has the keys
          <div
            key={one.key}
            id={`${id}-${one.key}`}
            role="option"
            tabIndex={-1}
            aria-selected={one.chosen ?? false}
            aria-current={one === current ? "true" : undefined}
            className={styles.option}
            onClick={() => pick(one)}
          >
            {one.mark}
            <span className={styles.name}>{one.name}</span>
            {one.about && <span className={styles.about}>{one.about}</span>}
            {one.chosen && <Check size={14} strokeWidth={1.5} aria-hidden="true" />}
          </div>
        ))}
      </div>
      {shown.length === 0 && !fresh && <p className={styles.none}>{none ?? t("choose.none")}</p>}
      {fresh && (
        <button type="button" className={styles.fresh} onClick={() => pick(undefined)}>
          {t("choose.new", { words: words.trim() })}
        </button>
      )}
    </div>
  );
}
