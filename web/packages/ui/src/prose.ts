/**
 * The little of Markdown that answers use, as data: a page makes elements of it, so nothing is ever parsed as HTML.
 * Paragraphs, headings, lists, simple tables, code, bold, links, our own pictures, and citation marks such as [1].
 */

export type Inline =
  | { t: "text"; text: string }
  | { t: "bold"; text: string }
  | { t: "code"; text: string }
  | { t: "link"; text: string; href: string }
  /** Of our own server's: a page never asks another for one. */
  | { t: "picture" | "file"; text: string; href: string }
  | { t: "cite"; n: number };

export type Block =
  | { t: "p" | "heading"; lines: Inline[][] }
  | { t: "list"; ordered: boolean; start: number; items: Inline[][] }
  | { t: "table"; head: Inline[][]; rows: Inline[][][] }
  | { t: "pre"; text: string };

const BULLET = /^\s{0,3}[-*•]\s+(.*)$/;
const NUMBER = /^\s{0,3}(\d{1,3})[.)、]\s*(\S.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;
const RULE = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/;
const INLINE =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[(\d{1,2})\]|(!?)\[([^\]\n]*)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>"'()（）【】，。；、！？]+)/g;
export function parseProse(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let at = 0; at < lines.length; ) at = readBlock(lines, at, blocks);
  return blocks;
}

/** Appends the block that begins at line `at` (or extends the last one); answers the next line to read. */
function readBlock(lines: string[], at: number, blocks: Block[]): number {
  const line = lines[at] ?? "";
  if (line.startsWith("```")) return readCode(lines, at, blocks);
  if (line.includes("|") && RULE.test(lines[at + 1] ?? "")) return readTable(lines, at, blocks);
  const heading = HEADING.exec(line);
  const last = blocks[blocks.length - 1];
  const bullet = BULLET.exec(line);
  const number = bullet ? null : NUMBER.exec(line);
  if (heading) blocks.push({ t: "heading", lines: [parseInline(heading[1] ?? "")] });
  else if (bullet || number) {
    const item = parseInline((bullet ? bullet[1] : number?.[2]) ?? "");
    if (last?.t === "list" && last.ordered === !!number) last.items.push(item);
    else blocks.push({ t: "list", ordered: !!number, start: Number(number?.[1] ?? 1), items: [item] });
  } else if (line.trim()) {
    if (last?.t === "p" && lines[at - 1]?.trim()) last.lines.push(parseInline(line));
    else blocks.push({ t: "p", lines: [parseInline(line)] });
  }
  return at + 1;
}

function readCode(lines: string[], at: number, blocks: Block[]): number {
  let end = at + 1;
  while (end < lines.length && !lines[end]?.startsWith("```")) end++;
  blocks.push({ t: "pre", text: lines.slice(at + 1, end).join("\n") });
  return end + 1;
}

function readTable(lines: string[], at: number, blocks: Block[]): number {
  let end = at + 2;
  while (end < lines.length && lines[end]?.includes("|")) end++;
  blocks.push({ t: "table", head: cells(lines[at] ?? ""), rows: lines.slice(at + 2, end).map(cells) });
  return end;
}

function cells(line: string): Inline[][] {
  const bare = line.trim().replace(/^\||\|$/g, "");
  return bare.split("|").map((cell) => parseInline(cell.trim()));
}

export function parseInline(text: string): Inline[] {
  const out: Inline[] = [];
  let from = 0;
  const plain = (to: number): void => {
    if (to > from) out.push({ t: "text", text: text.slice(from, to) });
  };
  for (const found of text.matchAll(INLINE)) {
    const [all, code, bold, cite, bang, label, href, bare] = found;
    const made = inline(code, bold, cite, label, href ?? bare, bang);
    if (!made) continue;
    plain(found.index);
    out.push(made);
    from = found.index + all.length;
  }
  plain(text.length);
  return out;
}

function inline(
  code?: string,
  bold?: string,
  cite?: string,
  label?: string,
  href?: string,
  bang?: string,
): Inline | null {
  if (code) return { t: "code", text: code };
  if (bold) return { t: "bold", text: bold };
  if (cite) return { t: "cite", n: Number(cite) };
  const safe = href && safeHref(href);
  if (!safe) return null;
  return { t: safe[0] !== "/" ? "link" : bang ? "picture" : "file", text: label || safe, href: safe };
}

/** The address when following it is harmless, as is a file of ours, else "". */
export function safeHref(href: string): string {
  return /^(https?:\/\/|mailto:|tel:|\/v1\/media\/med_\w+$)/i.test(href) ? href : "";
}

/** ① to ⑳, as citations are shown. */
export function circled(n: number): string {
  return n >= 1 && n <= 20 ? String.fromCodePoint(0x245f + n) : `[${n}]`;
}

/** What a screen reader is told: the words without the marks. */
export function spoken(text: string): string {
  return text.replace(/\[\d{1,2}\]|\*\*|`|^(#+|[-*•])\s|\|/gm, "").replace(/!?\[([^\]]+)\]\([^)]*\)/g, "$1");
}
