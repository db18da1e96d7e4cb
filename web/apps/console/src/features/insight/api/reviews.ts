import { query, request } from "../../../shared/http/request";

/** A conversation that somebody should look at again, or has. */
export interface Review {
  readonly conversation_id: string;
  /** Who served last; empty is the assistant. */
  readonly person_id: string;
  readonly why: string;
  readonly sampled_at: string;
  readonly reviewer_id: string;
  readonly score: number | null;
  readonly note: string;
  readonly reviewed_at: string | null;
}

export interface ReviewPage {
  readonly data: readonly Review[];
  readonly next_cursor: string;
}

export const listReviews = (done: boolean, cursor: string, signal: AbortSignal) =>
  request<ReviewPage>(`/v1/desk/reviews${query({ done: String(done), cursor, limit: 50 })}`, { signal });

export const writeReview = (conversationId: string, score: number, note: string) =>
  request<Review>(`/v1/conversations/${encodeURIComponent(conversationId)}/review`, {
    method: "POST",
    body: { score, note },
  });
