import { type Block, circled, type Inline, parseProse } from "@miaohui/ui/prose";
import { Fragment, type ReactNode, useMemo } from "react";
import { FileChip } from "./FileChip";
import { Picture } from "./Picture";
import styles from "./Prose.module.css";

interface Props {
  readonly text: string;
  /** What a citation mark does; without it, marks are plain. */
  readonly onCite?: ((n: number) => void) | undefined;
  readonly citeName?: ((n: number) => string) | undefined;
}

type Cite = Pick<Props, "onCite" | "citeName">;

/** The little of Markdown that messages and articles use; never parsed as HTML. */
export function Prose({ text, onCite, citeName }: Props) {
  const blocks = useMemo(() => parseProse(text), [text]);
  return (
    <div className={styles.prose}>{keyed(blocks, (block) => drawBlock(block, { onCite, citeName }))}</div>
  );
}

/** Pictures that follow one another stand side by side. */
const isPicture = (line: readonly Inline[] | undefined) => line?.length === 1 && line[0]?.t === "picture";

/** A file has its own line. */
const isFile = (line: readonly Inline[] | undefined) => line?.length === 1 && line[0]?.t === "file";

/** Parsed pieces have no identity but their place. */
function keyed<T>(items: readonly T[], draw: (item: T) => ReactNode): ReactNode[] {
  return items
    .map((item, n) => ({ item, key: `${n}` }))
    .map(({ item, key }) => <Fragment key={key}>{draw(item)}</Fragment>);
}

function drawBlock(block: Block, cite: Cite): ReactNode {
  const inline = (pieces: readonly Inline[]) => keyed(pieces, (piece) => drawInline(piece, cite));
  const lines = (all: readonly Inline[][]) =>
    all
      .map((pieces, n) => ({ pieces, n }))
      .map(({ pieces, n }) => (
        <Fragment key={`line-${n}`}>
          {n > 0 &&
            !(isPicture(pieces) && isPicture(all[n - 1])) &&
            !isFile(pieces) &&
            !isFile(all[n - 1]) && <br />}
          {inline(pieces)}
        </Fragment>
      ));
  switch (block.t) {
    case "p":
      return <p>{lines(block.lines)}</p>;
    case "heading":
      return <p className={styles.heading}>{lines(block.lines)}</p>;
    case "pre":
      return <pre>{block.text}</pre>;
    case "list": {
      const items = keyed(block.items, (item) => <li>{inline(item)}</li>);
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <table>
          <thead>
            <tr>
              {keyed(block.head, (cell) => (
                <th>{inline(cell)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {keyed(block.rows, (row) => (
              <tr>
                {keyed(row, (cell) => (
                  <td>{inline(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
  }
}

function drawInline(piece: Inline, { onCite, citeName }: Cite): ReactNode {
  switch (piece.t) {
    case "text":
      return piece.text;
    case "bold":
      return <strong>{piece.text}</strong>;
    case "code":
      return <code>{piece.text}</code>;
    case "link":
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
          {piece.text}
        </a>
      );
    case "file":
      return <FileChip name={piece.text} src={piece.href} />;
    case "picture":
      return <Picture name={piece.text} src={piece.href} />;
    case "cite":
      return onCite ? (
        <button
          type="button"
          className={styles.cite}
          aria-label={citeName?.(piece.n)}
          onClick={() => onCite(piece.n)}
        >
          {circled(piece.n)}
        </button>
      ) : (
        circled(piece.n)
      );
  }
}
