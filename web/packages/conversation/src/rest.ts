/** The REST side of sending, for when no WebSocket gets through. Answers are turned into the frames that a socket would have brought. */

import type { ClientFrame, Message, Problem, ServerFrame } from "@miaohui/client";
import type { Endpoint } from "./link";

type Send = ClientFrame & { t: "send" };

export async function post(at: Endpoint, path: string, body: unknown, key?: string): Promise<Response> {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${at.token()}`,
    "Content-Type": "application/json",
  };
  if (key) headers["Idempotency-Key"] = key;
  return fetch(at.base + path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Sends one message, and the frame that says how it went. Throws when the server was not reached. */
export async function sendByRest(at: Endpoint, send: Send): Promise<ServerFrame> {
  const conv = send.conv ?? (await begin(at, send.cmid));
  const answer = await post(at, `/v1/conversations/${conv}/messages`, { text: send.body.text }, send.cmid);
  if (!answer.ok) return refusal(send.cmid, answer);
  const stored = (await answer.json()) as { message?: Message } & Message;
  const message = stored.message ?? stored;
  const ack: ServerFrame = { t: "ack", cmid: send.cmid, msg: message.id, seq: message.seq, conv };
  return message.turn ? { ...ack, turn: message.turn } : ack;
}

async function begin(at: Endpoint, cmid: string): Promise<string> {
  const answer = await post(at, "/v1/conversations", {}, `${cmid}-conv`);
  if (!answer.ok) throw new Error(String(answer.status));
  return ((await answer.json()) as { id: string }).id;
}

async function refusal(cmid: string, answer: Response): Promise<ServerFrame> {
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  const after_s = Number(answer.headers.get("Retry-After"));
  return {
    t: "nack",
    cmid,
    code: problem.code ?? String(answer.status),
    retryable: answer.status === 429 || answer.status >= 500,
    ...(after_s > 0 ? { retry_after_ms: after_s * 1000 } : {}),
  };
}
