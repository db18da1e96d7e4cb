import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { request } from "../../../shared/http/request";
import { Store } from "../../../shared/store";

const everyMs = 60_000;
const no = new Set(["", "0", "no", "false"]);

/** Contacts who are served sooner, by id. */
export const vips = new Store<ReadonlySet<string>>(new Set());

/** As the server reads the attribute: any value but a no. */
export const isVip = (attributes: Readonly<Record<string, string>>): boolean =>
  !no.has((attributes.vip ?? "").toLowerCase());

/** The same set as long as the same are in it, so that nothing is drawn anew. */
export function hear(ids: readonly string[]): void {
  const known = vips.get();
  if (ids.length !== known.size || ids.some((one) => !known.has(one))) vips.set(new Set(ids));
}

/** Keeps the set fresh while a list is shown. */
export function useVips(): void {
  const { data } = useQuery({
    queryKey: ["vips"],
    queryFn: async ({ signal }) =>
      (await request<{ readonly ids: readonly string[] }>("/v1/desk/vips", { signal })).ids,
    refetchInterval: everyMs,
  });
  useEffect(() => {
    if (data) hear(data);
  }, [data]);
}
