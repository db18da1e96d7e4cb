import { ApiError } from "@miaohui/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useState } from "react";
import { useSave } from "../../../shared/http/useSave";
import { useT } from "../../../shared/i18n/i18n";
import type { Faults } from "../model/entries";

/** The account behind an inbox; null while there is none, which is no fault. */
export function useAccount<T>(
  kind: string,
  inboxId: string,
  get: (id: string, signal: AbortSignal) => Promise<T>,
) {
  return useQuery<T | null>({
    queryKey: ["account", kind, inboxId],
    queryFn: ({ signal }) =>
      get(inboxId, signal).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }),
  });
}

interface Saving<T> {
  readonly kind: string;
  readonly inboxId: string;
  readonly save: () => Promise<T>;
  readonly onDone: () => void;
}

const none: Faults = new Set();

/** Saves an account once all of it is in form; else says where it is not. */
export function useSaving<T>({ kind, inboxId, save, onDone }: Saving<T>) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [faults, setFaults] = useState<Faults>(none);
  const saved = useSave(save, {
    refreshes: [["door", inboxId]],
    onDone: (account) => {
      client.setQueryData(["account", kind, inboxId], account);
      void message.success(t("door.saved"));
      onDone();
    },
    onError: (error) => setFaults(refusedBy(error)),
  });
  const submit = (found: Faults) => {
    setFaults(found);
    if (found.size === 0) saved.save();
  };
  return { faults, submit, saving: saved.saving, fault: saved.fault };
}

/** Fields that the server found fault with. */
function refusedBy(error: unknown): Faults {
  return error instanceof ApiError
    ? new Set(error.errors.map((one) => one.field.replace(/^\$\./, "")))
    : none;
}
