import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { plainWords } from "./problem";

interface After<R> {
  /** What is asked anew once it is done. */
  readonly refreshes?: readonly QueryKey[];
  readonly onDone?: (saved: R) => void;
  readonly onError?: (error: unknown) => void;
}

/** What a form sends: whether it is on its way, what came back, and what went wrong in plain words, "" for nothing. */
export function useSave<R>(send: () => Promise<R>, { refreshes = [], onDone, onError }: After<R> = {}) {
  const client = useQueryClient();
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: send,
    onSuccess: async (saved) => {
      await Promise.all(refreshes.map((queryKey) => client.invalidateQueries({ queryKey })));
      onDone?.(saved);
    },
    ...(onError && { onError }),
  });
  return { save: () => mutate(), saving: isPending, error, fault: error ? plainWords(error) : "", data };
}
