import { request } from "../../../shared/http/request";

/** What everybody is told for a while. */
export interface Notice {
  readonly id: string;
  readonly inbox_id: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly until: string;
}

export interface NewNotice {
  readonly texts: Readonly<Record<string, string>>;
  readonly minutes: number;
  readonly inbox_id: string;
}

export const listNotices = async (signal: AbortSignal) =>
  (await request<{ data: readonly Notice[] }>("/v1/desk/notices", { signal })).data;

export const putUpNotice = (notice: NewNotice) =>
  request<Notice>("/v1/desk/notices", { method: "POST", body: notice });

export const takeDownNotice = (id: string) =>
  request<void>(`/v1/desk/notices/${encodeURIComponent(id)}`, { method: "DELETE" });
