import { hasWord, t, type Word } from "../i18n/i18n";

interface Details {
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly retryAfterS?: number;
  readonly requestId?: string;
}

/** What the server answered instead (`application/problem+json`), or `offline` when it was not reached. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly retryAfterS: number;
  readonly requestId: string;

  constructor(details: Details) {
    super(`${details.status} ${details.code}`);
    this.status = details.status;
    this.code = details.code;
    this.detail = details.detail ?? "";
    this.retryAfterS = details.retryAfterS ?? 0;
    this.requestId = details.requestId ?? "";
  }

  /** Whether the same request may work later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  return new Problem({
    status: response.status,
    code: text(fields.code) || `http_${response.status}`,
    detail: text(fields.detail),
    retryAfterS: Number(response.headers.get("retry-after") ?? 0) || 0,
    requestId: text(fields.request_id),
  });
}

/** For a code that we have no words for; the server's own detail is for programmers, and in English. */
const byStatus: Readonly<Record<number, Word>> = {
  401: "problem.unauthenticated",
  403: "problem.forbidden",
  404: "problem.not_found",
  409: "problem.conflict",
  413: "problem.too_large",
  422: "problem.invalid",
  429: "problem.throttled",
  503: "problem.unavailable",
};

/** What happened and what to do, in the reader's words. */
export function plainWords(error: unknown): string {
  if (!(error instanceof Problem)) return t("problem.unexpected");
  const known = `problem.${error.code}`;
  const word = hasWord(known) ? known : byStatus[error.status];
  if (word) return t(word, { seconds: Math.max(1, Math.ceil(error.retryAfterS)) });
  return t(error.status >= 500 ? "problem.internal" : "problem.unexpected");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
