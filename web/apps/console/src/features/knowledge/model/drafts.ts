import type { Draft, Written } from "../api/writing";

export type Fate = "new" | "changed" | "removed";
export const fateTones = { new: "jade", changed: "amber", removed: "red" } as const;

/** What a publication makes of an article. */
export function fateOf(draft: Draft, served: ReadonlySet<string>): Fate {
  if (draft.removed) return "removed";
  return served.has(draft.article_id) ? "changed" : "new";
}

export const blank: Written = { title: "", text: "", locale: "zh-CN", tags: [], questions: [] };

export function writtenOf(one: Written): Written {
  const { title, text, locale, tags, questions } = one;
  return { title, text, locale, tags, questions };
}

/** Lines as one types them: nothing empty, nothing twice. */
export function linesOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split("\n")
        .map((one) => one.trim())
        .filter(Boolean),
    ),
  ];
}

/** Tags as one types them, parted by commas of any kind. */
export function tagsOf(text: string): string[] {
  return linesOf(text.replace(/[,，、;；]/g, "\n"));
}

export type Kind = "same" | "added" | "removed" | "place";

/** What a line of a unified diff says. */
export function kindOf(line: string): Kind {
  if (line.startsWith("@@")) return "place";
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "same";
}
