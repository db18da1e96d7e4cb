import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button, Skeleton } from "antd";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { download } from "../../../shared/http/download";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Chooser } from "../../../shared/ui/Chooser";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Page } from "../../../shared/ui/Page";
import { Tabs } from "../../../shared/ui/Tabs";
import bar from "../../../shared/ui/Toolbar.module.css";
import { asked, getOverTime, type OverTime } from "../api/insight";
import { measures } from "../model/figures";
import { before, type Days, periods, readDays, stretchOf } from "../model/period";
import { AgentsNow } from "./AgentsNow";
import { Demand } from "./Demand";
import styles from "./Insight.module.css";
import { Measured } from "./Measured";
import { NowStrip } from "./NowStrip";
import { Quality } from "./Quality";
import { Reasons } from "./Reasons";

const Reviews = lazy(async () => ({ default: (await import("./Reviews")).Reviews }));

export interface Shown {
  readonly tab?: string | undefined;
  readonly days?: string | undefined;
  readonly inbox?: string | undefined;
}

interface Props {
  readonly shown: Shown;
  readonly inboxes: readonly { readonly id: string; readonly name: string }[];
  readonly onShow: (shown: Shown) => void;
}

/** How the place is doing: now, and over time against the time before. */
export function InsightPage({ shown, inboxes, onShow }: Props) {
  const t = useT();
  useEffect(() => {
    document.title = `${t("nav.insight")} · ${t("app.name")}`;
  }, [t]);
  const days = readDays(shown.days);
  const inbox = inboxes.find((one) => one.id === shown.inbox)?.id ?? "";
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
                  <Toolbar days={days} inbox={inbox} inboxes={inboxes} onShow={onShow} />
                  <OverTimePart days={days} inbox={inbox} />
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

interface ToolbarProps {
  readonly days: Days;
  readonly inbox: string;
  readonly inboxes: Props["inboxes"];
  readonly onShow: Props["onShow"];
}

function Toolbar({ days, inbox, inboxes, onShow }: ToolbarProps) {
  const t = useT();
  const { message } = App.useApp();
  const show = (more: Shown) =>
    onShow({ days: days === 7 ? undefined : String(days), inbox: inbox || undefined, ...more });
  const save = () =>
    void download(
      `/v1/insight/over-time.csv${asked(stretchOf(days, new Date()), inbox)}`,
      "over-time.csv",
    ).catch((error) => void message.error(plainWords(error)));
  const inboxName = inboxes.find((one) => one.id === inbox)?.name ?? t("insight.every_inbox");
  return (
    <div className={bar.bar}>
      <Chooser
        label={t("insight.period")}
        value={t(`insight.days.${days}`)}
        options={periods.map((one) => ({
          key: String(one),
          name: t(`insight.days.${one}`),
          chosen: one === days,
        }))}
        onPick={(key) => show({ days: key === "7" ? undefined : key })}
      >
        {t(`insight.days.${days}`)}
      </Chooser>
      {inboxes.length > 1 && (
        <Chooser
          label={t("contact.inbox")}
          value={inboxName}
          options={[{ id: "", name: t("insight.every_inbox") }, ...inboxes].map((one) => ({
            key: one.id || "all",
            name: one.name,
            chosen: one.id === inbox,
          }))}
          onPick={(key) => show({ inbox: key === "all" ? undefined : key })}
        >
          {inboxName}
        </Chooser>
      )}
      <span className={bar.end}>
        <Button onClick={save}>{t("tickets.export")}</Button>
      </span>
    </div>
  );
}

function OverTimePart({ days, inbox }: { readonly days: Days; readonly inbox: string }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const now = useQuery({
    queryKey: ["insight", days, inbox],
    queryFn: ({ signal }) => getOverTime(stretchOf(days, new Date()), inbox, signal),
  });
  const earlier = useQuery({
    queryKey: ["insight", days, inbox, "before"],
    queryFn: ({ signal }) => getOverTime(before(days, new Date()), inbox, signal),
  });
  const labels = useMemo(() => labelsOf(now.data, days, locale), [now.data, days, locale]);
  if (now.isPending) return <Skeleton active paragraph={{ rows: 10 }} />;
  if (now.isError) return <Failure error={now.error} retry={() => void now.refetch()} />;
  const { data } = now;
  if (data.total.conversations === 0 && data.previous.conversations === 0) {
    return (
      <Empty title={t("insight.empty")} hint={t("insight.empty_hint")}>
        <Link to="/settings" search={{ tab: "inboxes" }} className={styles.next ?? ""}>
          {t("settings.inboxes")}
        </Link>
      </Empty>
    );
  }
  const shown = measures.filter((one) => one.name !== "cost" || !inbox);
  return (
    <>
      {!data.complete && <p className={styles.partly}>{t("insight.partly")}</p>}
      <div className={styles.grid}>
        <Quality figures={data.total} previous={data.previous} />
        {shown.map((measure) => (
          <Measured key={measure.name} measure={measure} now={data} before={earlier.data} labels={labels} />
        ))}
        <Reasons figures={data.total} />
        <Demand days={days} inbox={inbox} />
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
