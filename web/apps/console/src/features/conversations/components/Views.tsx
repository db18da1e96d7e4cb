import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { type View, views } from "../model/conversation";
import { useConversations } from "../model/lists";
import styles from "./Views.module.css";

/** The three views, as links: a view can be sent to a colleague. People who wait are counted, in the page's title too. */
export function Views({ view }: { readonly view: View }) {
  const t = useT();
  const waiting = useConversations("open");
  const count = waiting.conversations.filter((one) => one.waitingSince > 0).length;
  const label = waiting.hasNextPage ? `${count}+` : String(count);
  useEffect(() => {
    document.title = `${count > 0 ? `(${label}) ` : ""}${t("nav.conversations")} · ${t("app.name")}`;
  }, [count, label, t]);
  return (
    <nav className={styles.views} aria-label={t("list.views")}>
      {views.map((one) => (
        <Link
          key={one}
          to="/conversations"
          search={{ status: one }}
          className={styles.view ?? ""}
          aria-current={one === view ? "true" : undefined}
        >
          {t(`view.${one}`)}
          {one === "open" && count > 0 && <span className={styles.count}>{label}</span>}
        </Link>
      ))}
    </nav>
  );
}
