import { request } from "../../../shared/http/request";

export const authKinds = ["none", "bearer", "header", "query", "basic"] as const;

export interface Auth {
  readonly kind: (typeof authKinds)[number];
  readonly name: string;
  readonly user: string;
}

/** A way into one system of the company; what may be asked there is written as JSON. */
export interface Connector {
  readonly name: string;
  readonly kind: "http" | "sql";
  readonly url: string;
  readonly description: string;
  readonly auth: Auth;
  readonly timeout_s: number;
  readonly enabled: boolean;
  readonly operations: readonly Readonly<Record<string, unknown>>[];
  readonly identity: Readonly<Record<string, unknown>> | null;
}

export interface Written {
  readonly url: string;
  readonly description: string;
  readonly auth: Auth;
  readonly timeout_s: number;
  readonly enabled: boolean;
  readonly operations: unknown;
  readonly identity: unknown;
  /** Left out, the one that is known holds. */
  readonly secret?: string;
}

const at = (name: string) => `/v1/admin/connectors/${encodeURIComponent(name)}`;

export const listConnectors = async (signal: AbortSignal) =>
  (await request<{ data: readonly Connector[] }>("/v1/admin/connectors", { signal })).data;

export const putConnector = (name: string, written: Written) =>
  request<Connector>(at(name), { method: "PUT", body: written });

export const removeConnector = (name: string) => request<void>(at(name), { method: "DELETE" });
