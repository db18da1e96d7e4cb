import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { duration, stamp, toMs } from "../../../shared/format/time";
import { useT, type Word } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useGoverns } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Failure } from "../../../shared/ui/Failure";
import { getBoard } from "../api/board";
import { getNow, type Strain } from "../api/insight";
import { said } from "../model/figures";
import { standingOf } from "../model/standing";
import styles from "./Insight.module.css";

const everyMs = 10_000;

interface Tile {
  readonly word: Word;
  readonly value: number;
  readonly about: string;
  readonly status?: string;
  readonly tone?: string;
}

/** This moment, each figure with the way to what it counts. */
export function NowStrip() {
  const t = useT();
  const { locale } = useStore(prefs);
  const governs = useGoverns();
  const now = useQuery({
    queryKey: ["insight", "now"],
    queryFn: ({ signal }) => getNow(signal),
    refetchInterval: everyMs,
  });
  if (now.isError && !now.data) return <Failure error={now.error} retry={() => void now.refetch()} />;
  if (!now.data) return null;
  const { agents, ...figures } = now.data;
  const wait = duration(figures.longest_wait_s * 1000);
  const tiles: readonly Tile[] = [
    {
      word: "insight.waiting",
      value: figures.waiting,
      about: figures.waiting > 0 ? t("insight.longest", { time: wait }) : t("insight.nobody"),
      status: "waiting",
      tone: figures.longest_wait_s >= 120 ? "red" : figures.waiting > 0 ? "amber" : "",
    },
    { word: "insight.open", value: figures.open, about: t("insight.with_people"), status: "open" },
    {
      word: "insight.pending",
      value: figures.pending,
      about: t("insight.answering", { count: figures.running_turns }),
      status: "pending",
    },
    {
      word: "insight.agents",
      value: agents.online,
      about: t("insight.load", { load: agents.load, capacity: agents.capacity }),
    },
  ];
  return (
    <section className={styles.now} aria-label={t("insight.now")}>
      {tiles.map((one) => (
        <Figure key={one.word} tile={one} value={said(one.value, "count", locale)} />
      ))}
      <Load strain={now.data.strain} />
      {governs && <Engines />}
    </section>
  );
}

/** On which step of the ladder the place stands. */
function Load({ strain: { step, why, since } }: { readonly strain: Strain }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const when = since ? t("strain.since", { time: stamp(toMs(since), Date.now(), locale) }) : "";
  return (
    <div className={styles.tile}>
      <span>{t("strain.load")}</span>
      <strong data-tone={step === "" ? "" : step === "small" ? "amber" : "red"}>
        {t(step ? `strain.short.${step}` : "strain.short.none")}
      </strong>
      <span>
        {step ? [why && t(`strain.why.${why}`), when].filter(Boolean).join(" · ") : t("strain.none")}
      </span>
    </div>
  );
}

/** How many of the routes answer; only for who may look after them. */
function Engines() {
  const t = useT();
  const board = useQuery({
    queryKey: ["insight", "engines"],
    queryFn: ({ signal }) => getBoard(signal),
    refetchInterval: everyMs,
  });
  if (!board.data) return null;
  const { well, of, away, tone } = standingOf(board.data);
  return (
    <Link to="/engines" className={styles.tile ?? ""}>
      <span>{t("insight.engines")}</span>
      <strong data-tone={tone}>{of > 0 ? `${well} / ${of}` : t("insight.engines_own")}</strong>
      <span>
        {away
          ? t("insight.engines_away", { name: away })
          : t(of > 0 ? "insight.engines_well" : "insight.engines_none")}
      </span>
    </Link>
  );
}

function Figure({ tile, value }: { readonly tile: Tile; readonly value: string }) {
  const t = useT();
  const inside = (
    <>
      <span>{t(tile.word)}</span>
      <strong data-tone={tile.tone}>{value}</strong>
      <span>{tile.about}</span>
    </>
  );
  if (!tile.status) return <div className={styles.tile}>{inside}</div>;
  return (
    <Link to="/conversations" search={{ status: tile.status }} className={styles.tile ?? ""}>
      {inside}
    </Link>
  );
}
