import { request } from "../../../shared/http/request";
import type { Among } from "../model/among";
import type { Stretch } from "../model/period";
import { asked } from "./insight";

export interface Topic {
  readonly article_id: string;
  readonly title: string;
  readonly count: number;
  readonly before: number;
}

/** What visitors asked about, and what answering took. A share is null where there was nothing to take it of. */
export interface Demand {
  readonly topics: readonly Topic[];
  readonly answers: number;
  readonly kept_share: number | null;
  readonly attempts: number;
  readonly throttled_share: number | null;
  readonly complete: boolean;
}

export const getDemand = (stretch: Stretch, among: Among, signal: AbortSignal) =>
  request<Demand>(`/v1/insight/demand${asked(stretch, among)}`, { signal });
