import { useQuery } from "@tanstack/react-query";
import { listDrafts } from "../api/writing";

/** What was written and is not yet served. */
export function useDrafts() {
  return useQuery({ queryKey: ["drafts"], queryFn: ({ signal }) => listDrafts(signal) });
}

/** What a publication, an import or a step back changes. */
export const published = [
  ["articles"],
  ["article"],
  ["drafts"],
  ["versions"],
  ["health"],
  ["search"],
  ["gaps"],
] as const;
