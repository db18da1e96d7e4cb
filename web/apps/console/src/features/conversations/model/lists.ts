import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { line, welcomes as welcomed } from "../../../shared/realtime/line";
import { useMyId } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { getConversation, listConversations } from "../api/conversations";
import { readConversation, type WireConversation } from "../api/wire";
import type { Conversation } from "./conversation";
import { Roster } from "./roster";
import { type Filter, viewOf } from "./views";
import { useVips, vips } from "./vips";

const gatherMs = 100;

/** All that this page knows; one for all pages, so that going back and forth costs nothing. */
export const roster = new Roster((flush) => void setTimeout(flush, gatherMs));

/** What is being read now: several may show the same view, and one of them asks. */
const underway = new Set<string>();

/** The conversations of one view, kept as the feed tells, and more of them on demand. */
export function useListing(filter: Filter) {
  const myId = useMyId();
  useVips();
  const dear = useStore(vips);
  // biome-ignore lint/correctness/useExhaustiveDependencies: who is served sooner is part of what a view holds
  const view = useMemo(() => viewOf(filter, myId), [filter, myId, dear]);
  const listing = useStore(roster.listing(view));
  const welcomes = useStore(welcomed);
  const [error, setError] = useState<unknown>(null);
  const read = useCallback(
    async (cursor: string) => {
      const task = `${view.key} ${cursor}`;
      if (underway.has(task)) return;
      underway.add(task);
      try {
        roster.read(view, await listConversations(filter, cursor), cursor === "");
        setError(null);
      } catch (failure) {
        setError(failure);
      } finally {
        underway.delete(task);
      }
    },
    [filter, view],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the feed has no memory: each new connection reads anew
  useEffect(() => void read(""), [read, welcomes]);
  const more = useCallback(() => {
    if (listing.cursor) void read(listing.cursor);
  }, [listing.cursor, read]);
  return { ...listing, error, more, retry: () => void read("") };
}

/** One conversation, as the feed keeps it; read from the server when no list has shown it yet. */
export function useConversation(id: string) {
  const store = useMemo(() => roster.one(id), [id]);
  const known = useStore(store);
  const welcomes = useStore(welcomed);
  const asked = useQuery({
    queryKey: ["conversation", id, welcomes],
    queryFn: async ({ signal }) => {
      const fresh = await getConversation(id, signal);
      roster.hear(fresh);
      return fresh;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { ...asked, data: known ?? asked.data };
}

/** Mounted once: the roster hears what the feed tells. */
export function useFeed(): void {
  useEffect(
    () =>
      line.onFeed((frame) => {
        if (typeof frame.conv === "object" && frame.conv !== null) {
          roster.hear(readConversation(frame.conv as WireConversation));
        }
      }),
    [],
  );
}

/** What an act answered is shown at once, and not with the next flush. */
export function learn(changed: Conversation): void {
  roster.hear(changed);
  roster.flush();
}
