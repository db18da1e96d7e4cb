import { ApiError, Unreachable } from "@miaohui/client";
import { hasWord, t, type Word } from "../i18n/i18n";

/** Why it did not work: the server's code, `offline` when nobody answered, or `unexpected`. */
export function codeOf(error: unknown): string {
  if (error instanceof ApiError) return error.code;
  return error instanceof Unreachable ? "offline" : "unexpected";
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
  const known = `problem.${codeOf(error)}`;
  const { status, retryAfter } = error instanceof ApiError ? error : { status: 0, retryAfter: 0 };
  const word = hasWord(known) ? known : byStatus[status];
  if (word) return t(word, { seconds: Math.max(1, Math.ceil(retryAfter)) });
  return t(status >= 500 ? "problem.internal" : "problem.unexpected");
}
