import { type RefObject, useCallback, useId, useState } from "react";
import { stepped } from "../../../shared/ui/options";
import { type Naming, named, namingAt } from "../model/naming";
import { type Named, useNamed } from "./Naming";

/** Follows the caret of a text box: what is being named there, what that may be, and the keys to choose it. */
export function useNaming(box: RefObject<HTMLTextAreaElement | null>, text: string, note: boolean) {
  const id = useId();
  const [naming, setNaming] = useState<Naming | null>(null);
  const [at, setAt] = useState(0);
  const shown = naming && text.slice(naming.from).startsWith(naming.kind === "reply" ? "/" : "@");
  const options = useNamed(shown ? naming : null);
  const follow = useCallback(() => {
    const area = box.current;
    setNaming(area && area === document.activeElement ? namingAt(area.value, area.selectionEnd, note) : null);
    setAt(0);
  }, [box, note]);
  const leave = useCallback(() => setNaming(null), []);
  const put = (option: Named): readonly [string, number] => {
    const caret = box.current?.selectionEnd ?? text.length;
    setNaming(null);
    return naming ? named(text, caret, naming, option.words) : [text, caret];
  };
  /** Whether the key was for the list, and not for the box. */
  const key = (name: string, pick: (option: Named) => void): boolean => {
    const current = options[Math.min(at, options.length - 1)];
    if (!current) return false;
    if (name === "ArrowDown" || name === "ArrowUp")
      setAt(stepped(at, name === "ArrowDown" ? 1 : -1, options.length));
    else if (name === "Enter" || name === "Tab") pick(current);
    else if (name === "Escape") leave();
    else return false;
    return true;
  };
  return { id, at: Math.min(at, Math.max(0, options.length - 1)), options, follow, leave, put, key };
}
