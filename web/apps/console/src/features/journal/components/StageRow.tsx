import { hasWord, type Translate, useT } from "../../../shared/i18n/i18n";
import known from "../../../shared/ui/Facts.module.css";
import { type Bar, facts, factText, readPassages, took } from "../model/turn";
import styles from "./TurnDrawer.module.css";

const narrowest = 0.006;

interface Props {
  readonly bar: Bar;
  readonly onPassage: (chunkId: string) => void;
}

export function StageRow({ bar, onPassage }: Props) {
  const t = useT();
  const { stage, from, width, deadline } = bar;
  const start = Math.min(from, 1 - narrowest);
  const shown = facts(stage);
  return (
    <li className={styles.stage}>
      <div className={styles.line}>
        <span className={styles.name}>{wordFor(t, "stage", stage.name)}</span>
        <span className={styles.track} aria-hidden="true">
          <span
            className={styles.bar}
            style={{
              insetInlineStart: `${start * 100}%`,
              inlineSize: `${Math.max(Math.min(width, 1 - start), narrowest) * 100}%`,
            }}
          />
          {deadline !== null && (
            <span
              className={styles.deadline}
              title={t("turn.deadline")}
              style={{ insetInlineStart: `${deadline * 100}%` }}
            />
          )}
        </span>
        <span className={styles.took}>{took(stage.tookMs)}</span>
      </div>
      {shown.length > 0 && (
        <dl className={`${known.facts} ${styles.facts}`}>
          {shown.map(([name, value]) => (
            <div key={name}>
              <dt>{wordFor(t, "fact", name)}</dt>
              <dd>
                <Fact name={name} value={value} onPassage={onPassage} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function Fact({
  name,
  value,
  onPassage,
}: { readonly name: string; readonly value: unknown } & Pick<Props, "onPassage">) {
  const t = useT();
  const passages = name === "passages" ? readPassages(value) : [];
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (passages.length === 0) return factText(value);
  const best = Math.max(...passages.map((one) => Number(one.score)), 1e-9);
  return (
    <ol className={styles.passages}>
      {passages.map((one) => (
        <li key={one.chunkId}>
          <button type="button" onClick={() => onPassage(one.chunkId)}>
            {one.title}
          </button>
          <span className={styles.gauge} aria-hidden="true">
            <span style={{ inlineSize: `${Math.max(2, (Number(one.score) / best) * 100)}%` }} />
          </span>
          <span>{one.score}</span>
        </li>
      ))}
    </ol>
  );
}

/** The journal's own name where we have no word for it yet. */
function wordFor(t: Translate, kind: "stage" | "fact", name: string): string {
  const word = `turn.${kind}.${name}`;
  return hasWord(word) ? t(word) : name.replaceAll("_", " ");
}
