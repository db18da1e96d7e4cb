import { useNow } from "../../../shared/format/clock";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Chip, type Tone } from "../../../shared/ui/Chip";
import type { Priority as Level, Status, Ticket } from "../api/tickets";
import { dueOf, spanOf } from "../model/tickets";
import styles from "./Tickets.module.css";

const tones: Readonly<Record<Status, Tone>> = {
  open: "quiet",
  in_progress: "blue",
  waiting: "amber",
  done: "jade",
};

export function StatusMark({ status }: { readonly status: Status }) {
  const t = useT();
  return <Chip tone={tones[status]}>{t(`tickets.status.${status}`)}</Chip>;
}

/** What kind of work it is; a kind of one's own keeps its name. */
export function useCategory(): (name: string) => string {
  const t = useT();
  return (name) => {
    const word = `tickets.category.${name}`;
    return hasWord(word) ? t(word) : name;
  };
}

export function Priority({ priority }: { readonly priority: Level }) {
  const t = useT();
  return (
    <span className={styles.level} data-priority={priority}>
      {t(`tickets.priority.${priority}`)}
    </span>
  );
}

/** How long still, or how long already; it moves while one looks. */
export function Due({ ticket }: { readonly ticket: Ticket }) {
  const t = useT();
  const due = dueOf(ticket, useNow());
  const [unit, count] = spanOf(due.minutes);
  return (
    <span className={styles.due} data-tone={due.tone}>
      {t(`tickets.clock.${due.word}`, { span: t(`span.${unit}`, { count }) })}
    </span>
  );
}
