import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Facts } from "../../../shared/ui/Facts";
import { getVisit, type Visit } from "../api/where";
import { isPage, languageName, shortly } from "../model/where";
import panel from "./SidePanel.module.css";
import styles from "./Whereabouts.module.css";

/** While they are followed; a contact of whom nothing is known is asked for less often. */
const everyMs = 4_000;
const nothingMs = 20_000;

/** The page that a visitor is on, where they came from, and with what they look at it. Text, whatever it says. */
export function Whereabouts({ contactId }: { readonly contactId: string }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const visit = useQuery({
    queryKey: ["visit", contactId],
    queryFn: ({ signal }) => getVisit(contactId, signal),
    refetchInterval: ({ state }) => (state.data?.url ? everyMs : nothingMs),
  });
  if (!visit.data?.url) return null;
  const { referrer, browser, language } = visit.data;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t("where.title"), <Place key="page" visit={visit.data} />],
    [t("where.from"), referrer && <Address key="from" url={referrer} />],
    [t("where.with"), [browser, language && languageName(language, locale)].filter(Boolean).join(" · ")],
  ];
  return (
    <section aria-label={t("where.label")}>
      <Facts className={panel.facts} of={facts} />
    </section>
  );
}

function Place({ visit }: { readonly visit: Visit }) {
  const t = useT();
  const { locale } = useStore(prefs);
  return (
    <div className={styles.place}>
      {visit.title && <span>{visit.title}</span>}
      <Address url={visit.url} />
      <time dateTime={visit.since}>
        {t("where.since", { time: stamp(toMs(visit.since), Date.now(), locale) })}
      </time>
    </div>
  );
}

function Address({ url }: { readonly url: string }) {
  const t = useT();
  if (!isPage(url)) return <span>{url}</span>;
  return (
    <a
      className={styles.address}
      href={url}
      target="_blank"
      rel="noopener noreferrer nofollow"
      title={t("where.opens", { page: url })}
    >
      {shortly(url)}
    </a>
  );
}
