import { query, request } from "../../../shared/http/request";

export interface TranslationState {
  readonly available: boolean;
  /** `off_here`, `off_everywhere`, `no_model`; empty when it can be done. */
  readonly why: string;
  readonly languages: readonly string[];
}

export interface Translation {
  readonly message_id: string;
  readonly language: string;
  readonly source: string;
  /** It is in that language already. */
  readonly same: boolean;
  readonly text: string;
}

export interface Rendered {
  readonly text: string;
  readonly language: string;
  readonly source: string;
  /** Figures and links of the original that are not in it. */
  readonly lost: readonly string[];
}

interface Outcome {
  readonly data: readonly Translation[];
  /** Codes, by message. */
  readonly failed: Readonly<Record<string, string>>;
}

const path = (id: string) => `/v1/conversations/${id}/translations`;

export const getTranslationState = (signal: AbortSignal) =>
  request<TranslationState>("/v1/desk/translation", { signal });

export const listTranslations = async (id: string, language: string) =>
  (await request<{ data: readonly Translation[] }>(`${path(id)}${query({ language })}`)).data;

export const translateMessages = (id: string, messages: readonly string[], language: string) =>
  request<Outcome>(path(id), { method: "POST", body: { messages, language } });

export const renderDraft = (id: string, text: string, language: string) =>
  request<Rendered>(`${path(id)}/draft`, { method: "POST", body: { text, language } });

/** What was translated, with what one wrote; with the same `cmid` it is sent once. */
export async function sayTranslated(
  id: string,
  words: { readonly text: string; readonly original: string; readonly cmid: string },
): Promise<void> {
  await request(`/v1/conversations/${id}/messages`, {
    method: "POST",
    body: { text: words.text, original: words.original },
    idempotencyKey: words.cmid,
  });
}

/** Colleagues see that one is here, or no longer. */
export const tellLooking = (id: string, on: boolean) =>
  request<void>(`/v1/conversations/${id}/looking`, { method: "POST", body: { on } });

/** Up to which message the visitor has looked, and the agents. */
export const getSeen = (id: string, signal: AbortSignal) =>
  request<{ readonly visitor: number; readonly agents: number }>(`/v1/conversations/${id}/seen`, { signal });
