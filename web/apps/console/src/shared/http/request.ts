import { miaohui } from "./api";

export interface Options {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: object;
  /** The same key, the same effect, however often the request is made. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** A route that our client has no word of its own for. Throws `ApiError`, `Unreachable`. */
export function request<T>(path: string, options: Options = {}): Promise<T> {
  const { method = "GET", body, idempotencyKey: key, signal } = options;
  return miaohui.request<T>(method, path, { body, key, signal });
}

export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return pairs.length > 0
    ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`
    : "";
}
