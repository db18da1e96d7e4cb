import type { ClientFrame, ResumeFrom, ServerFrame } from "@miaohui/client";
import type { Endpoint, Link, LinkEvents } from "./link";
import { post, sendByRest } from "./rest";

/** How events are fetched once a position is known; resolves at the end of one response. */
type Listen = (from: ResumeFrom, context: Listening) => Promise<void>;

interface Listening {
  at: Endpoint;
  signal: AbortSignal;
  frame(frame: ServerFrame): void;
  /** This way works. */
  ready(): void;
}

/** The second choice: server-sent events, read with `fetch` because `EventSource` cannot carry a token. */
export function openEventStream(at: Endpoint, on: LinkEvents): Link {
  return openRest(at, on, listenToStream);
}

/** The last choice: ask, wait up to 25 s, ask again. */
export function openPolling(at: Endpoint, on: LinkEvents): Link {
  return openRest(at, on, poll);
}

function openRest(at: Endpoint, on: LinkEvents, listen: Listen): Link {
  const stop = new AbortController();
  const end = (code: number): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    on.closed(code);
  };
  const frame = (one: ServerFrame): void => {
    if (!stop.signal.aborted) on.frame(one);
  };
  const ready = (): void => frame({ t: "welcome", sid: "", hb: 0 });
  const follow = (from: ResumeFrom): void => {
    listen(from, { at, signal: stop.signal, frame, ready }).then(
      () => end(1000),
      (error: unknown) => {
        const asked = error instanceof Refused ? error.after_ms : 0;
        if (asked) frame({ t: "goaway", reason: "crowded", reconnect_in_ms: [asked, asked * 1.25] });
        end(error instanceof Refused ? error.code : 1006);
      },
    );
  };
  const send = (out: ClientFrame): void => {
    if (out.t === "hello") {
      if (!out.resume.length) ready();
      for (const from of out.resume) follow(from);
    } else if (out.t === "send") {
      sendByRest(at, out).then(
        (answer) => {
          frame(answer);
          if (answer.t === "ack" && !out.conv && answer.conv) {
            follow({ conv: answer.conv, epoch: "", seq: 0, streams: [] });
          }
        },
        () => end(1006),
      );
    } else if (out.t === "cancel") {
      void post(at, `/v1/turns/${out.turn}/cancel`, {}).catch(() => undefined);
    }
  };
  queueMicrotask(() => !stop.signal.aborted && on.open());
  return { send, close: () => end(1000) };
}

class Refused extends Error {
  constructor(
    readonly code: number,
    /** Milliseconds after which to come back, where the server says so. */
    readonly after_ms = 0,
  ) {
    super(String(code));
  }
}

function listenTo(path: string, accept: string, { at, signal }: Listening, last = ""): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${at.token()}`, Accept: accept };
  if (last) headers["Last-Event-ID"] = last;
  return fetch(at.base + path, { headers, signal, cache: "no-store" }).then((answer) => {
    if (answer.ok) return answer;
    const after_ms = (Number(answer.headers.get("retry-after")) || 0) * 1000;
    throw new Refused(answer.status === 401 ? 4500 : answer.status === 403 ? 4507 : 4004, after_ms);
  });
}

async function listenToStream(from: ResumeFrom, context: Listening): Promise<void> {
  const stream = from.streams[0];
  const tail = stream ? `:${stream.id}.${stream.attempt}.${stream.i}` : "";
  const last = from.epoch ? `${from.epoch}:${from.seq}${tail}` : "";
  const answer = await listenTo(`/v1/conversations/${from.conv}/events`, "text/event-stream", context, last);
  context.ready();
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Refused(4004);
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replace(/\r/g, "")).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) for (const frame of framesOf(block)) context.frame(frame);
  }
}

/** The frames in one block of an event stream; comments and unknown fields say nothing. */
export function framesOf(block: string): ServerFrame[] {
  const data = block
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""))
    .join("\n");
  return data ? [JSON.parse(data) as ServerFrame] : [];
}

interface Page {
  data: ServerFrame[];
  /** The position to come back with. */
  cursor: string;
}

async function poll(from: ResumeFrom, context: Listening): Promise<void> {
  let query = `epoch=${encodeURIComponent(from.epoch)}&after=${from.seq}`;
  context.ready();
  while (!context.signal.aborted) {
    const path = `/v1/conversations/${from.conv}/events?${query}&wait=25`;
    const answer = await listenTo(path, "application/json", context);
    const page = (await answer.json()) as Page;
    for (const frame of page.data) context.frame(frame);
    query = `cursor=${encodeURIComponent(page.cursor)}`;
  }
}
