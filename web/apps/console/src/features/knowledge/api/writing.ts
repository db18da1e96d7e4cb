import { miaohui } from "../../../shared/http/api";
import { query, request } from "../../../shared/http/request";

/** An article as it will be after the next publication. */
export interface Draft {
  readonly article_id: string;
  /** It will be served no more. */
  readonly removed: boolean;
  readonly title: string;
  readonly text: string;
  readonly locale: string;
  readonly tags: readonly string[];
  readonly questions: readonly string[];
  readonly updated_at: string;
}

export interface Written {
  readonly title: string;
  readonly text: string;
  readonly locale: string;
  readonly tags: readonly string[];
  readonly questions: readonly string[];
}

export interface Version {
  readonly version: number;
  readonly served: boolean;
  readonly articles: number;
  readonly chunks: number;
  /** `import`, `publish`, `rollback`. */
  readonly act: string;
  readonly created_at: string;
}

/** One article that two versions do not share. */
export interface Difference {
  readonly article_id: string;
  readonly title: string;
  readonly change: "added" | "changed" | "removed";
  /** Of a unified diff. */
  readonly lines: readonly string[];
}

export interface Finding {
  readonly ailment: "duplicate" | "contradiction" | "expired" | "never_found" | "never_retrieved";
  readonly article_id: string;
  readonly title: string;
  readonly other_article_id: string;
  readonly detail: string;
}

/** Questions that ask for the same and were not answered. */
export interface Gap {
  readonly id: string;
  readonly title: string;
  readonly questions: readonly string[];
  readonly count: number;
  readonly last_at: string;
}

/** What a threshold of confidence would do, found out with the company's own articles. */
export interface Point {
  readonly threshold: number;
  readonly answered: number;
  readonly wrong: number;
}

export interface ImportFile {
  readonly name: string;
  /** Base 64. */
  readonly data: string;
}

export interface Imported {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly problems: readonly { readonly source: string; readonly detail: string }[];
  readonly version: number;
}

const base = "/v1/knowledge";
const part = (kind: string, id: string, what = "") => `${base}/${kind}/${encodeURIComponent(id)}${what}`;

export const listDrafts = (signal: AbortSignal) => list<Draft>("drafts", signal);

export const saveDraft = (id: string, words: Written) =>
  id
    ? request<Draft>(part("drafts", id), { method: "PUT", body: words })
    : request<Draft>(`${base}/drafts`, { method: "POST", body: words });

export const discardDraft = (id: string) => request<void>(part("drafts", id), { method: "DELETE" });

export const removeArticle = (id: string) => request<void>(part("articles", id), { method: "DELETE" });

export const publish = (ids: readonly string[]) =>
  request<Version>(`${base}/publish`, { method: "POST", body: { article_ids: ids } });

export const listVersions = (signal: AbortSignal) => list<Version>("versions", signal);

export const getDiff = async (version: number, other: number, signal: AbortSignal) =>
  (
    await request<{ data: readonly Difference[] }>(
      `${part("versions", String(version), "/diff")}${query({ from: other })}`,
      { signal },
    )
  ).data;

export const rollBack = (version: number) =>
  request<Version>(part("versions", String(version), "/rollback"), { method: "POST", body: {} });

export const getHealth = (signal: AbortSignal) => list<Finding>("health", signal);

export const listGaps = (signal: AbortSignal) => list<Gap>("gaps", signal);

export const answerGap = (id: string, text: string) =>
  request<Draft>(part("gaps", id, "/draft"), { method: "POST", body: { text } });

export const dismissGap = (id: string) => request<void>(part("gaps", id), { method: "DELETE" });

export const getCertainty = (signal: AbortSignal) =>
  request<{ readonly threshold: number; readonly data: readonly Point[] }>(`${base}/certainty`, { signal });

export const importFiles = (files: readonly ImportFile[]) =>
  request<Imported>(`${base}/imports`, { method: "POST", body: { files } });

export const importFile = (file: File) =>
  miaohui.request<Imported>("POST", `${base}/imports/file?name=${encodeURIComponent(file.name)}`, {
    body: file,
  });

async function list<T>(what: string, signal: AbortSignal): Promise<readonly T[]> {
  return (await request<{ data: readonly T[] }>(`${base}/${what}`, { signal })).data;
}
