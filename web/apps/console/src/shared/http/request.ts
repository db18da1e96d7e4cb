import { accessToken, refresh } from "../session/session";
import { Problem, readProblem } from "./problem";

export interface Options {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: object;
  /** The same key, the same effect, however often the request is made. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Asks the server as the one who is logged in; renews the token once if it was refused. */
export async function request<T>(path: string, options: Options = {}): Promise<T> {
  let response = await send(path, options, await accessToken());
  if (response.status === 401 && (await refresh())) {
    response = await send(path, options, await accessToken());
  }
  if (!response.ok) throw await readProblem(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return pairs.length > 0
    ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`
    : "";
}

async function send(path: string, options: Options, token: string): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (options.body) headers["content-type"] = "application/json";
  if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
  try {
    return await fetch(path, {
      method: options.method ?? "GET",
      headers,
      credentials: "same-origin",
      ...(options.body ? { body: JSON.stringify(options.body) } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem({ status: 0, code: "offline" });
  }
}
