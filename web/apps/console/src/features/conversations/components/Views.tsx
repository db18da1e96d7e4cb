import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useT } from "../../../shared/i18n/i18n";
import { Chooser } from "../../../shared/ui/Chooser";
import { useListing } from "../model/lists";
import { type Filter, type ViewName, viewNames } from "../model/views";
import { searchOf } from "./ConversationList";
import styles from "./Views.module.css";

const queue: Filter = { view: "waiting" };

const always: readonly ViewName[] = ["mine", "waiting", "pending"];

/** The views as links, so that one can be sent to a colleague: the three of every day, the others behind one more. */
export function Views({ filter }: { readonly filter: Filter }) {
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
    </nav>
  );
}
