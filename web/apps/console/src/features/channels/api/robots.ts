import { request } from "../../../shared/http/request";

export const kinds = ["wecom", "dingtalk", "feishu", "mail"] as const;
export type Kind = (typeof kinds)[number];
export const codes = ["handoff_waiting", "webhook_disabled"] as const;
export type Code = (typeof codes)[number];

/** A robot in a group, without its address, which is the secret. */
export interface Robot {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  /** None: all. */
  readonly codes: readonly Code[];
  readonly locale: "zh-CN" | "en";
  readonly signed: boolean;
  readonly last_error: string;
  readonly created_at: string;
}

export interface RobotEntry {
  readonly kind: Kind;
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly codes: readonly Code[];
  readonly locale: "zh-CN" | "en";
}

const base = "/v1/alerts/robots";

export const listRobots = async (signal: AbortSignal) =>
  (await request<{ data: readonly Robot[] }>(base, { signal })).data;

export const addRobot = (entry: RobotEntry) => request<Robot>(base, { method: "POST", body: entry });

export const removeRobot = (id: string) =>
  request<void>(`${base}/${encodeURIComponent(id)}`, { method: "DELETE" });

export const tryRobot = (id: string) =>
  request<{ readonly told: boolean; readonly error: string }>(`${base}/${encodeURIComponent(id)}/test`, {
    method: "POST",
  });
