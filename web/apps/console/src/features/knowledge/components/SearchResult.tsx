import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { place, plain } from "../../../shared/markup/plain";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import opens from "../../../shared/ui/Opens.module.css";
import { Rows } from "../../../shared/ui/Rows";
import { type Hit, search } from "../api/knowledge";
import styles from "./Knowledge.module.css";

interface Props {
  readonly question: string;
  readonly onPassage: (chunkId: string) => void;
}

/** What the assistant would find for a question, with the scores it decides by. */
export function SearchResult({ question, onPassage }: Props) {
  const t = useT();
  // The question's own script decides, not the console's language: it is asked for a visitor.
  const locale = /\p{Script=Han}/u.test(question) ? "zh-CN" : "en";
  const found = useQuery({
    queryKey: ["search", question],
    queryFn: ({ signal }) => search(question, locale, signal),
  });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const { answerable, answerability, data: passages } = found.data;
  return (
    <section aria-label={t("search.label")}>
      <p className={answerable ? styles.yes : styles.no} role="status">
        <strong>{t(answerable ? "search.answerable" : "search.unanswerable")}</strong>{" "}
        {t("search.answerability", { value: answerability.toFixed(2) })}
      </p>
      {passages.length === 0 ? (
        <Empty title={t("search.none")} hint={t("search.none_hint")} />
      ) : (
        <Rows ordered>
          {passages.map((hit) => (
            <HitRow key={hit.chunk_id} hit={hit} best={passages[0]?.score ?? 1} onPassage={onPassage} />
          ))}
        </Rows>
      )}
    </section>
  );
}

function HitRow({
  hit,
  best,
  onPassage,
}: {
  readonly hit: Hit;
  readonly best: number;
  readonly onPassage: (id: string) => void;
}) {
  const t = useT();
  const where = place(hit.title, hit.heading);
  const scores: readonly (readonly [string, number])[] = [
    [t("search.score"), hit.score],
    ["BM25", hit.bm25],
    [t("search.cosine"), hit.cosine],
  ];
  return (
    <li className={styles.hit}>
      <div className={styles.hitText}>
        <button type="button" className={opens.button} onClick={() => onPassage(hit.chunk_id)}>
          {hit.title}
        </button>
        {where && <span className={styles.heading}>{where}</span>}
        <p>{plain(hit.text)}</p>
      </div>
      <dl className={styles.scores}>
        {scores.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value.toFixed(3)}</dd>
          </div>
        ))}
        <span className={styles.gauge} aria-hidden="true">
          <span style={{ inlineSize: `${Math.max(2, Math.min(100, (hit.score / (best || 1)) * 100))}%` }} />
        </span>
      </dl>
    </li>
  );
}
