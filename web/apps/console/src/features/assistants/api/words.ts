import { request } from "../../../shared/http/request";

export interface Replacement {
  readonly word: string;
  /** Empty leaves the word out. */
  readonly by: string;
}

/** A company's own words. */
export interface OwnWords {
  readonly blocked: readonly string[];
  readonly replaced: readonly Replacement[];
  /** Of the list that is changed; 0 when there was none. */
  readonly version: number;
}

export const getOwnWords = (signal: AbortSignal) => request<OwnWords>("/v1/admin/guard/words", { signal });

export const putOwnWords = (words: OwnWords) =>
  request<OwnWords>("/v1/admin/guard/words", { method: "PUT", body: words });
