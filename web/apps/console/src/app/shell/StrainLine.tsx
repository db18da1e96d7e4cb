import { useQuery } from "@tanstack/react-query";
import { Gauge, Megaphone } from "lucide-react";
import { getStrain } from "../../features/insight/api/insight";
import { isQuiet, noticeIn } from "../../features/insight/model/strain";
import { stamp, toMs } from "../../shared/format/time";
import { useT } from "../../shared/i18n/i18n";
import { prefs } from "../../shared/prefs/prefs";
import { useStore } from "../../shared/store";
import styles from "./LineState.module.css";

const everyMs = 10_000;

/** A slim line while too much is asked of the place: what it does without, since when, why, and what visitors see. */
export function StrainLine() {
  const t = useT();
  const { locale } = useStore(prefs);
  const asked = useQuery({
    queryKey: ["strain"],
    queryFn: ({ signal }) => getStrain(signal),
    refetchInterval: everyMs,
    retry: false,
  });
  const strain = asked.data;
  if (!strain || isQuiet(strain)) return <div role="status" aria-label={t("strain.label")} />;
  const { step, why, since, nodes, route, notices } = strain;
  const told = step === "small" && route ? t("strain.small_route", { route }) : step && t(`strain.${step}`);
  const Icon = step ? Gauge : Megaphone;
  const about = [
    why && t(`strain.why.${why}`),
    since && t("strain.since", { time: stamp(toMs(since), Date.now(), locale) }),
    nodes > 1 && t("strain.nodes", { count: nodes }),
  ].filter(Boolean);
  return (
    <div role="status" aria-label={t("strain.label")} className={styles.line} data-step={step || "notice"}>
      <Icon size={16} strokeWidth={1.5} aria-hidden="true" />
      <span className={styles.words}>
        {told && <strong>{told}</strong>} {about.length > 0 && `(${about.join(" · ")})`}
        {notices.map((texts) => (
          <span key={noticeIn(texts, locale)}> {t("strain.notice", { text: noticeIn(texts, locale) })}</span>
        ))}
      </span>
    </div>
  );
}
