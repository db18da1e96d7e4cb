import { spoken } from "@miaohui/ui/prose";

/** A few lines of Markdown as one line of words. */
export function plain(text: string): string {
  // A picture or a file is named as one; of a preview its end may be cut off.
  return spoken(
    text.replace(/!?\[([^\]\n]*)\]\(\/v1\/media\/[^)\s]*\)?|!\[([^\]\n]*)\]\([^)\s]*\)?/g, "〔$1$2〕"),
  )
    .replace(/^\s*(?:[-*•]|\d{1,3}[.)])\s+/gm, "")
    .replace(/[-:\s]{4,}/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Where in an article a passage stands, without the title that is shown beside it. */
export function place(title: string, heading: string): string {
  if (heading === title) return "";
  return heading.startsWith(`${title} › `) ? heading.slice(title.length + 3) : heading;
}
