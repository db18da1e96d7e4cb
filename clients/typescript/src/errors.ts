/** The server refused: an `application/problem+json` (RFC 9457). `code` says why. */
export class ApiError extends Error {
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: { field: string; detail: string }[];

  constructor(
    readonly status: number,
    problem: Record<string, unknown>,
    /** Seconds after which it will work, if the server says so. */
    readonly retryAfter = 0,
  ) {
    super(`${status} ${problem["code"] ?? ""}: ${problem["detail"] ?? problem["title"] ?? ""}`);
    this.name = "ApiError";
    this.code = String(problem["code"] || `http_${status}`);
    this.detail = String(problem["detail"] ?? "");
    this.requestId = String(problem["request_id"] ?? "");
    this.errors = (problem["errors"] as { field: string; detail: string }[] | undefined) ?? [];
  }
}

/** Nobody answered. The request may have been done: it is safe to make it again under the same key. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}
