import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { line } from "../../../shared/realtime/line";
import { useStore } from "../../../shared/store";
import { getConversation, listConversations } from "../api/conversations";
import { readConversation, type WireConversation } from "../api/wire";
import { arrange, type Conversation, type View, views } from "./conversation";
import { applyChange, type Page } from "./feed";

type Pages = InfiniteData<Page, string>;

const listKey = (view: View) => ["conversations", view] as const;
const oneKey = (id: string) => ["conversation", id] as const;

/** The conversations of one view, kept as the feed tells. */
export function useConversations(view: View, enabled = true) {
  const list = useInfiniteQuery({
    queryKey: listKey(view),
    queryFn: ({ pageParam, signal }) => listConversations(view, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor || undefined,
    enabled,
  });
  const conversations = useMemo(
    () => arrange(list.data?.pages.flatMap((page) => page.data) ?? [], view),
    [list.data, view],
  );
  return { ...list, conversations };
}

export function useConversation(id: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: oneKey(id),
    queryFn: ({ signal }) => getConversation(id, signal),
    initialData: () => held(client).find((one) => one.id === id),
  });
}

/** Everything that any view has loaded, for the palette. */
export function held(client: QueryClient): Conversation[] {
  return views.flatMap(
    (view) => client.getQueryData<Pages>(listKey(view))?.pages.flatMap((page) => page.data) ?? [],
  );
}

/** Mounted once: writes what the feed tells into every list, and reads the lists again after each reconnect. */
export function useFeed(): void {
  const client = useQueryClient();
  const welcomes = useStore(line.welcomes);
  useEffect(
    () =>
      line.onFeed((frame) => {
        if (typeof frame.conv === "object" && frame.conv !== null) {
          learn(client, readConversation(frame.conv as WireConversation));
        }
      }),
    [client],
  );
  useEffect(() => {
    if (welcomes < 2) return;
    void client.invalidateQueries({ queryKey: ["conversations"] });
    void client.invalidateQueries({ queryKey: ["conversation"] });
  }, [client, welcomes]);
}

export function learn(client: QueryClient, changed: Conversation): void {
  client.setQueryData<Conversation>(oneKey(changed.id), (known) =>
    known && known.updatedAt > changed.updatedAt ? known : changed,
  );
  for (const view of views) {
    client.setQueryData<Pages>(
      listKey(view),
      (data) => data && { ...data, pages: [...applyChange(data.pages, changed, view)] },
    );
  }
}
