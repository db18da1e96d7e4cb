import { request } from "../../../shared/http/request";

/** Where a visitor was last; empty where that was never told. */
export interface Visit {
  readonly url: string;
  readonly title: string;
  readonly referrer: string;
  readonly browser: string;
  readonly language: string;
  readonly since: string;
}

export const getVisit = (contactId: string, signal: AbortSignal) =>
  request<Visit>(`/v1/contacts/${contactId}/visit`, { signal });
