import { hasWord, useT } from "../../../shared/i18n/i18n";
import { type Bar, factText, took } from "../model/turn";
import styles from "./TurnDrawer.module.css";

const narrowest = 0.006;

export function StageRow({ bar }: { readonly bar: Bar }) {
  const t = useT();
  const { stage, from, width } = bar;
  const word = `turn.stage.${stage.name}`;
  const start = Math.min(from, 1 - narrowest);
  const facts = Object.entries(stage.facts).filter(([, value]) => value !== "" && value !== null);
  return (
    <li className={styles.stage}>
      <div className={styles.line}>
        <span className={styles.name}>{hasWord(word) ? t(word) : stage.name}</span>
        <span className={styles.track} aria-hidden="true">
          <span
            className={styles.bar}
            style={{
              insetInlineStart: `${start * 100}%`,
              inlineSize: `${Math.max(Math.min(width, 1 - start), narrowest) * 100}%`,
            }}
          />
        </span>
        <span className={styles.took}>{took(stage.tookMs)}</span>
      </div>
      {facts.length > 0 && (
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll("_", " ")}</dt>
              <dd>{factText(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
