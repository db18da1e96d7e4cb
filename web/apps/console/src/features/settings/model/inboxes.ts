import { useQuery } from "@tanstack/react-query";
import { listInboxes } from "../api/settings";

export function useInboxes() {
  return useQuery({
    queryKey: ["inboxes"],
    queryFn: ({ signal }) => listInboxes(signal),
    staleTime: 300_000,
  });
}
