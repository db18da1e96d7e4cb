import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Page } from "../../../shared/ui/Page";
import { Tabs } from "../../../shared/ui/Tabs";
import { getOverTime, type OverTime } from "../api/insight";
import { type Among, amongOf, type Choices, isNarrowed, type Shown } from "../model/among";
import { measures } from "../model/figures";
import { before, type Days, readDays, stretchOf } from "../model/period";
import { AgentsNow } from "./AgentsNow";
import { Demand } from "./Demand";
import styles from "./Insight.module.css";
import { Measured } from "./Measured";
import { NowStrip } from "./NowStrip";
import { Quality } from "./Quality";
import { Reasons } from "./Reasons";
import { Toolbar } from "./Toolbar";

const Reviews = lazy(async () => ({ default: (await import("./Reviews")).Reviews }));

interface Props {
  readonly shown: Shown;
  readonly choices: Choices;
  readonly onShow: (shown: Shown) => void;
}

/** How the place is doing: now, and over time against the time before. */
export function InsightPage({ shown, choices, onShow }: Props) {
  const t = useT();
  useEffect(() => {
    document.title = `${t("nav.insight")} · ${t("app.name")}`;
  }, [t]);
  const days = readDays(shown.days);
  const among = useMemo(() => amongOf(shown, choices), [shown, choices]);
  return (
    <Page title={t("nav.insight")} about={t("insight.about")}>
      <Suspense>
        <Tabs
          label={t("nav.insight")}
          current={shown.tab ?? "figures"}
          onChange={(tab) => onShow(tab === "figures" ? {} : { tab })}
          tabs={[
            {
              key: "figures",
              label: t("insight.figures"),
              children: (
                <>
                  <NowStrip />
                  <AgentsNow />
                  <Toolbar days={days} among={among} choices={choices} onShow={onShow} />
                  <OverTimePart days={days} among={among} />
                </>
              ),
            },
            { key: "reviews", label: t("reviews.title"), children: <Reviews /> },
          ]}
        />
      </Suspense>
    </Page>
  );
}

function OverTimePart({ days, among }: { readonly days: Days; readonly among: Among }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const now = useQuery({
    queryKey: ["insight", days, among],
    queryFn: ({ signal }) => getOverTime(stretchOf(days, new Date()), among, signal),
  });
  const earlier = useQuery({
    queryKey: ["insight", days, among, "before"],
    queryFn: ({ signal }) => getOverTime(before(days, new Date()), among, signal),
  });
  const labels = useMemo(() => labelsOf(now.data, days, locale), [now.data, days, locale]);
  if (now.isPending) return <Skeleton active paragraph={{ rows: 10 }} />;
  if (now.isError) return <Failure error={now.error} retry={() => void now.refetch()} />;
  const { data } = now;
  if (data.total.conversations === 0 && data.previous.conversations === 0) {
    return (
      <Empty
        title={t("insight.empty")}
        hint={t(isNarrowed(among) ? "insight.empty_narrowed" : "insight.empty_hint")}
      >
        <Link to="/settings" search={{ tab: "inboxes" }} className={styles.next ?? ""}>
          {t("settings.inboxes")}
        </Link>
      </Empty>
    );
  }
  return (
    <>
      {!data.complete && <p className={styles.partly}>{t("insight.partly")}</p>}
      <div className={styles.grid}>
        <Quality figures={data.total} previous={data.previous} />
        {measures.map((measure) => (
          <Measured key={measure.name} measure={measure} now={data} before={earlier.data} labels={labels} />
        ))}
        <Reasons figures={data.total} />
        <Demand days={days} among={among} />
      </div>
    </>
  );
}

function labelsOf(data: OverTime | undefined, days: Days, locale: string): readonly string[] {
  const form =
    days === 1
      ? ({ hour: "2-digit", minute: "2-digit", hour12: false } as const)
      : ({ month: "numeric", day: "numeric" } as const);
  return data?.steps.map((one) => new Date(one.at).toLocaleString(locale, form)) ?? [];
}
