import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronDown, ListFilter } from "lucide-react";
import { useT } from "../../../shared/i18n/i18n";
import { Chooser } from "../../../shared/ui/Chooser";
import { listLabels } from "../api/desk";
import { priorities } from "../model/conversation";
import { useListing } from "../model/lists";
import { type Filter, queue, type ViewName, viewNames } from "../model/views";
import { searchOf } from "./ConversationList";
import styles from "./Views.module.css";

const always: readonly ViewName[] = ["mine", "waiting", "pending"];

interface Props {
  readonly filter: Filter;
  readonly inboxes: readonly { readonly id: string; readonly name: string }[];
}

/** The views as links, so that one can be sent to a colleague: the three of every day, the others behind one more. */
export function Views({ filter, inboxes }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const waiting = useListing(queue);
  const count = waiting.rows.length;
  const rest = viewNames.filter((one) => !always.includes(one));
  const other = rest.find((one) => one === filter.view);
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
      <span className={styles.more} data-current={other !== undefined}>
        <Chooser
          label={t("list.more_views")}
          value={t(other ? `view.${other}` : "list.more")}
          look="quiet"
          options={rest.map((one) => ({ key: one, name: t(`view.${one}`), chosen: one === other }))}
          onPick={(key) =>
            void navigate({ to: "/conversations", search: searchOf({ ...filter, view: key as ViewName }) })
          }
        >
          {t(other ? `view.${other}` : "list.more")}
          <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
        </Chooser>
      </span>
      <Narrow filter={filter} inboxes={inboxes} />
    </nav>
  );
}

type Part = "priority" | "label" | "inbox";

/** Only of one inbox, one label, one priority; each stands in the address. */
function Narrow({ filter, inboxes }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const labels = useQuery({ queryKey: ["labels"], queryFn: ({ signal }) => listLabels(signal) });
  const choices: readonly (readonly [Part, string, string])[] = [
    ...priorities.flatMap((one) => (one ? [["priority", one, t(`priority.${one}`)] as const] : [])),
    ...(labels.data ?? []).map((one) => ["label", one, one] as const),
    ...(inboxes.length > 1 ? inboxes.map((one) => ["inbox", one.id, one.name] as const) : []),
  ];
  const chosen = (part: Part, value: string) => filter[part] === value;
  const count = choices.filter(([part, value]) => chosen(part, value)).length;
  const toggle = (key: string) => {
    const [part, value] = JSON.parse(key) as [Part, string];
    const next = { ...filter, [part]: chosen(part, value) ? undefined : value };
    void navigate({ to: "/conversations", search: searchOf(next) });
  };
  return (
    <span className={styles.narrow} data-current={count > 0}>
      <Chooser
        label={t("list.narrow")}
        look="quiet"
        many
        find={t("list.narrow_find")}
        options={choices.map(([part, value, name]) => ({
          key: JSON.stringify([part, value]),
          name,
          about: t(`list.narrow.${part}`),
          chosen: chosen(part, value),
        }))}
        onPick={toggle}
      >
        <ListFilter size={16} strokeWidth={1.5} aria-hidden="true" />
        {count > 0 && count}
      </Chooser>
    </span>
  );
}
