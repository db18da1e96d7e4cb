import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useAgents } from "../../../shared/people/agents";
import { found } from "../../../shared/ui/options";
import { findReplies } from "../api/desk";
import type { Naming } from "../model/naming";
import styles from "./Naming.module.css";

/** Something that may be put where it is named. */
export interface Named {
  readonly key: string;
  readonly name: string;
  readonly about: string;
  readonly words: string;
}

const shownAtMost = 8;

/** Canned replies by their code or their words, or colleagues by name. */
export function useNamed(naming: Naming | null): readonly Named[] {
  const agents = useAgents();
  const words = naming?.kind === "reply" ? naming.words : "";
  const replies = useQuery({
    queryKey: ["replies", "found", words],
    queryFn: ({ signal }) => findReplies(words, signal),
    enabled: naming?.kind === "reply",
    placeholderData: (before) => before,
  });
  if (naming?.kind === "reply") {
    return (replies.data ?? []).map((one) => ({
      key: one.id,
      name: `/${one.short_code}`,
      about: one.text,
      words: one.text,
    }));
  }
  if (naming?.kind !== "mention") return [];
  const people = (agents.data ?? []).map((one) => ({
    key: one.id,
    name: one.name,
    about: "",
    words: one.name,
  }));
  return found(people, naming.words).slice(0, shownAtMost);
}

interface Props {
  readonly id: string;
  readonly label: string;
  readonly options: readonly Named[];
  readonly at: number;
  readonly onPick: (option: Named) => void;
}

/** Floats above the box that one writes in; the box keeps the focus and the keys. */
export function NamingList({ id, label, options, at, onPick }: Props) {
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [id, at]);
  return (
    <div id={id} role="listbox" aria-label={label} className={styles.list}>
      {options.map((one, n) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys
        <div
          key={one.key}
          id={`${id}-${n}`}
          role="option"
          tabIndex={-1}
          aria-selected={n === at}
          className={styles.option}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(one)}
        >
          <strong>{one.name}</strong>
          {one.about && <span>{one.about}</span>}
        </div>
      ))}
    </div>
  );
}
