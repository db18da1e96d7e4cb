import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { plainWords } from "./problem";

interface After<A, R> {
  /** What is asked anew once it is done. */
  readonly refreshes?: readonly QueryKey[];
  readonly onDone?: (result: R, asked: A) => void;
}

/** Something that one does: what it changes is fetched again, and what went wrong is said in plain words. */
export function useAct<A = void, R = unknown>(act: (asked: A) => Promise<R>, after: After<A, R> = {}) {
  const client = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: act,
    onSuccess: async (result, asked) => {
      const refreshed = (after.refreshes ?? []).map((queryKey) => client.invalidateQueries({ queryKey }));
      await Promise.all(refreshed);
      after.onDone?.(result, asked);
    },
    onError: (error) => void message.error(plainWords(error)),
  });
}
