import { request } from "../../../shared/http/request";

/** How one route to an engine stands on the node that answers; `closed` is well. */
export interface Standing {
  readonly name: string;
  readonly state: "closed" | "ramp" | "half_open" | "open";
}

export const getBoard = async (signal: AbortSignal) =>
  (await request<{ data: readonly Standing[] }>("/v1/admin/engines/board", { signal })).data;
