import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { habits } from "../../../shared/prefs/habits";
import { useStore } from "../../../shared/store";
import { Chooser } from "../../../shared/ui/Chooser";
import { useListing } from "../model/lists";
import { type Filter, filterOf, isSame, queue, type ViewName, viewNames } from "../model/views";
import { searchOf } from "./ConversationList";
import { Narrow } from "./Narrow";
import styles from "./Views.module.css";

const SavedViews = lazy(async () => ({ default: (await import("./SavedViews")).SavedViews }));

const keep = "keep";
const always: readonly ViewName[] = ["mine", "waiting", "pending"];

interface Props {
  readonly filter: Filter;
  readonly inboxes: readonly { readonly id: string; readonly name: string }[];
}

/** The views as links, so that one can be sent to a colleague: the three of every day, the others behind one more. */
export function Views({ filter, inboxes }: Props) {
  const t = useT();
  const [keeping, setKeeping] = useState(false);
  const waiting = useListing(queue);
  const count = waiting.rows.length;
  return (
    <nav className={styles.views} aria-label={t("list.views")}>
      {always.map((one) => (
        <Link
          key={one}
          to="/conversations"
          search={searchOf({ ...filter, view: one })}
          className={styles.view ?? ""}
          aria-current={one === filter.view ? "true" : undefined}
        >
          {t(`view.${one}`)}
          {one === "waiting" && count > 0 && (
            <span className={styles.count}>{`${count}${waiting.cursor ? "+" : ""}`}</span>
          )}
        </Link>
      ))}
      <More filter={filter} onKeep={() => setKeeping(true)} />
      <Narrow filter={filter} inboxes={inboxes} onKeep={() => setKeeping(true)} />
      <Suspense>{keeping && <SavedViews filter={filter} onClose={() => setKeeping(false)} />}</Suspense>
    </nav>
  );
}

interface MoreProps {
  readonly filter: Filter;
  readonly onKeep: () => void;
}

/** The views of now and then, and those that have a name of one's own. */
function More({ filter, onKeep }: MoreProps) {
  const t = useT();
  const navigate = useNavigate();
  const { views } = useStore(habits);
  const rest = viewNames.filter((one) => !always.includes(one));
  const other = rest.find((one) => one === filter.view);
  const own = views.find((one) => isSame(filterOf(one), filter));
  const shown = own?.name ?? (other && t(`view.${other}`)) ?? t("list.more");
  const options = [
    ...rest.map((one) => ({ key: one as string, name: t(`view.${one}`), chosen: one === other && !own })),
    ...views.map((one, n) => ({
      key: `own ${n}`,
      name: one.name,
      about: t("views.saved"),
      chosen: one === own,
    })),
    { key: keep, name: t("views.keep") },
  ];
  const go = (key: string) => {
    if (key === keep) return onKeep();
    const saved = views.find((_, n) => key === `own ${n}`);
    const next = saved ? filterOf(saved) : { ...filter, view: key as ViewName };
    void navigate({ to: "/conversations", search: searchOf(next) });
  };
  return (
    <span className={styles.more} data-current={own !== undefined || other !== undefined}>
      <Chooser label={t("list.more_views")} value={shown} look="quiet" options={options} onPick={go}>
        {shown.length > 8 ? `${shown.slice(0, 7)}…` : shown}
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </Chooser>
    </span>
  );
}
