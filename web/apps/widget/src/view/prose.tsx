import { type Block, circled, type Inline, parseProse } from "@miaohui/ui/prose";
import type { ComponentChild, ComponentChildren } from "preact";

interface Props {
  text: string;
  /** A caret at the end: the text still grows. */
  live?: boolean;
  /** Makes a mark of a citation; without it the marks are left out. */
  cite?: (n: number) => ComponentChildren;
}

/** A text as elements. Nothing is ever set as HTML. */
export function Prose({ text, live, cite }: Props) {
  return (
    <div class={live ? "prose live" : "prose"}>{parseProse(text).map((block) => drawBlock(block, cite))}</div>
  );
}

type Cite = Props["cite"];

/** What draws a file better than a link does, once that has come. */
export const later: { file?: (name: string, src: string) => ComponentChild } = {};

const here = import.meta.url;

function drawBlock(block: Block, cite: Cite): ComponentChildren {
  const inline = (parts: Inline[]): ComponentChildren => parts.map((part) => drawInline(part, cite));
  switch (block.t) {
    case "p":
      return <p>{block.lines.map((line, n) => (n ? [<br />, inline(line)] : inline(line)))}</p>;
    case "heading":
      return (
        <p>
          <b>{block.lines.map(inline)}</b>
        </p>
      );
    case "list": {
      const items = block.items.map((item) => <li>{inline(item)}</li>);
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "pre":
      return <pre>{block.text}</pre>;
    case "table":
      return (
        <div class="table">
          <table>
            <thead>
              <tr>
                {block.head.map((cell) => (
                  <th scope="col">{inline(cell)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row) => (
                <tr>
                  {row.map((cell) => (
                    <td>{inline(cell)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function drawInline(part: Inline, cite: Cite): ComponentChildren {
  switch (part.t) {
    case "text":
      return part.text;
    case "bold":
      return <b>{part.text}</b>;
    case "code":
      return <code>{part.text}</code>;
    case "link":
    case "file":
    case "picture": {
      // Our files lie beside this script, and not on the site that it is embedded in.
      const href = part.href[0] === "/" ? new URL(`..${part.href}`, here).href : part.href;
      return (
        (part.t === "file" && later.file?.(part.text, href)) || (
          <a href={href} target="_blank" rel="noopener noreferrer nofollow">
            {part.t === "picture" ? <img src={href} alt={part.text} /> : part.text}
          </a>
        )
      );
    }
    case "cite":
      return cite ? cite(part.n) : <span class="mark">{circled(part.n)}</span>;
  }
}
