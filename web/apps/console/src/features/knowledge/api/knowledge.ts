import { query, request } from "../../../shared/http/request";

export interface ArticleSummary {
  readonly id: string;
  readonly title: string;
  readonly locale: string;
  readonly tags: readonly string[];
  readonly source: string;
  readonly updated_at: string;
}

export interface Article extends ArticleSummary {
  readonly text: string;
  readonly questions: readonly string[];
}

export interface ArticlePage {
  readonly data: readonly ArticleSummary[];
  readonly next_cursor: string;
}

export interface Passage {
  readonly chunk_id: string;
  readonly article_id: string;
  readonly title: string;
  readonly heading: string;
  readonly text: string;
}

export interface Hit extends Passage {
  readonly score: number;
  readonly bm25: number;
  readonly cosine: number;
}

export interface Found {
  readonly data: readonly Hit[];
  readonly answerability: number;
  readonly answerable: boolean;
}

export const listArticles = (cursor: string, signal: AbortSignal) =>
  request<ArticlePage>(`/v1/articles${query({ cursor, limit: 50 })}`, { signal });

/** Ids of all that is served, a few thousand at the most. */
export async function listArticleIds(signal: AbortSignal): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor = "";
  do {
    const page = await request<ArticlePage>(`/v1/articles${query({ cursor, limit: 200 })}`, { signal });
    ids.push(...page.data.map((one) => one.id));
    cursor = page.next_cursor;
  } while (cursor && ids.length < 10_000);
  return ids;
}

export const getArticle = (id: string, signal: AbortSignal) =>
  request<Article>(`/v1/articles/${encodeURIComponent(id)}`, { signal });

export const getPassage = (chunkId: string, signal: AbortSignal) =>
  request<Passage>(`/v1/passages/${encodeURIComponent(chunkId)}`, { signal });

export const search = (question: string, locale: string, signal: AbortSignal) =>
  request<Found>("/v1/articles/search", { method: "POST", body: { question, locale, limit: 10 }, signal });
