import { hasWord, t } from "../i18n/i18n";

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

/** What happened and what to do, in the reader's words. */
export function plainWords(error: unknown): string {
  if (!(error instanceof Problem)) return t("problem.unexpected");
  const known = `problem.${error.code}`;
  if (hasWord(known)) return t(known, { seconds: Math.max(1, Math.ceil(error.retryAfterS)) });
  if (error.status >= 500) return t("problem.internal");
  return error.detail || t("problem.unexpected");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
