import "../testing/browser";

import { ApiError, Unreachable } from "@miaohui/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { session } from "../session/session";
import { grant } from "../testing/grant";
import { miaohui } from "./api";
import { request } from "./request";

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string>;
}

const refusal = (status: number, code: string, retryAfter = "") =>
  new Response(JSON.stringify({ code }), {
    status,
    headers: retryAfter ? { "retry-after": retryAfter } : {},
  });
const done = (body: unknown) => new Response(JSON.stringify(body));

let asked: Asked[];

/** Answers in this order; what is no response is thrown. */
function serverSays(...answers: unknown[]): void {
  asked = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    init.signal?.throwIfAborted();
    asked.push({
      path,
      method: init.method ?? "",
      headers: (init.headers ?? {}) as Record<string, string>,
    });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer;
  });
}

const lost = () => new TypeError("Failed to fetch");
const ways = () => asked.map(({ method, path }) => `${method} ${path}`);

describe("a request of the console", () => {
  beforeEach(() => {
    session.set({ state: "in", grant, renewAt: Number.MAX_SAFE_INTEGER });
    vi.spyOn(Math, "random").mockReturnValue(0);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    Object.assign(navigator, { onLine: true });
  });

  it("is made again after a lost answer, under the same key", async () => {
    serverSays(lost(), refusal(503, "stopping"), done({ id: 1 }));
    expect(await request("/v1/tickets", { method: "POST", body: {} })).toEqual({ id: 1 });
    const keys = asked.map((one) => one.headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ways()).toEqual(Array(3).fill("POST /v1/tickets"));
  });

  it("is not made again when the server refuses for good", async () => {
    serverSays(refusal(409, "name_taken"));
    await expect(request("/v1/desk/teams", { method: "POST", body: {} })).rejects.toMatchObject({
      code: "name_taken",
    });
    expect(asked).toHaveLength(1);
  });

  it("does not come before the server wants it, and so not at all when that is late", async () => {
    serverSays(refusal(429, "throttled", "60"));
    await expect(request("/v1/articles")).rejects.toMatchObject({ retryAfter: 60 });
    expect(asked).toHaveLength(1);
  });

  it("says at once that there is no network", async () => {
    Object.assign(navigator, { onLine: false });
    serverSays(lost());
    await expect(request("/v1/articles")).rejects.toBeInstanceOf(Unreachable);
    expect(asked).toHaveLength(1);
  });

  it("gives up on a server that stays away", async () => {
    serverSays(...Array(9).fill(refusal(502, "").clone()), lost());
    await expect(request("/v1/articles")).rejects.toBeInstanceOf(ApiError);
    expect(asked).toHaveLength(4);
  });

  it("renews a token that was refused, once", async () => {
    serverSays(
      refusal(401, "unauthenticated"),
      done({ ...grant, access_token: "new" }),
      done([]),
      refusal(401, "unauthenticated"),
      refusal(401, "unauthenticated"),
    );
    expect(await request("/v1/articles")).toEqual([]);
    expect(ways()).toEqual(["GET /v1/articles", "POST /v1/auth/refresh", "GET /v1/articles"]);
    expect(asked[2]?.headers.authorization).toBe("Bearer new");
    await expect(request("/v1/articles")).rejects.toMatchObject({ status: 401 });
    expect(session.get().state).toBe("out");
  });

  it("takes what is gone for deleted when an earlier answer was lost, and only then", async () => {
    serverSays(lost(), refusal(404, "not_found"), refusal(404, "not_found"));
    expect(await request("/v1/keys/1", { method: "DELETE" })).toBeUndefined();
    await expect(request("/v1/keys/2", { method: "DELETE" })).rejects.toMatchObject({ status: 404 });
  });

  it("ends when nobody wants it any more", async () => {
    serverSays(lost(), done([]));
    const stop = new AbortController();
    stop.abort();
    await expect(request("/v1/articles", { signal: stop.signal })).rejects.toHaveProperty(
      "name",
      "AbortError",
    );
    expect(asked).toHaveLength(0);
  });

  it("asks for conversations by what is wanted, and for nothing else", async () => {
    serverSays(done({ data: [], next_cursor: "" }));
    await miaohui.page({
      status: "open",
      assigneeId: "none",
      label: "急 单",
      inboxId: undefined,
      limit: 100,
    });
    const { searchParams } = new URL(asked[0]?.path ?? "", "https://desk.example");
    expect(Object.fromEntries(searchParams)).toEqual({
      status: "open",
      assignee_id: "none",
      label: "急 单",
      limit: "100",
    });
  });

  it("sends a file as it is, with its name", async () => {
    serverSays(done({ id: "med_1", url: "/v1/media/med_1", type: "application/pdf" }));
    const told: number[] = [];
    const bytes = new Uint8Array(70_000).fill(255);
    const taken = await miaohui.upload(new Blob([bytes]), {
      name: "发票 1.pdf",
      onSent: (share) => told.push(share),
    });
    const way = "POST /v1/files?name=%E5%8F%91%E7%A5%A8%201.pdf";
    expect([taken.url, told, ways()]).toEqual(["/v1/media/med_1", [1], [way]]);
  });
});
