/** The frames of `/v1/ws` as JSON, and what a visitor's page is told when it opens. */

import type { Message, Status } from "./models.js";

export type TurnState = "running" | "answered" | "handed_off" | "failed" | "superseded";
export type Locale = "zh-CN" | "en";

/** A conversation with its last messages, as the session and a lost resume give it. */
export interface Snapshot {
  id: string;
  epoch: string;
  status: Status;
  last_seq: number;
  messages: Message[];
}

export interface WidgetSession {
  token: string;
  expires_at: string;
  contact: { id: string; name: string };
  inbox: {
    name: string;
    locale: Locale;
    assistant: { name: string; greeting: string; quick_questions: string[]; pace?: string };
    /** Whether a visitor may send some; absent from servers that take none from visitors. */
    pictures?: boolean;
    /** The same of documents, sound and film. */
    files?: boolean;
    /** How such files may be called: `pdf`, `docx`, … */
    file_types?: string[];
    /** Whether the page that the visitor is on is to be told. */
    pages?: boolean;
  };
  conversation: Snapshot | null;
  /** What is wrong just now, in the visitor's language. */
  notices?: string[];
}

/** The passage behind a citation, with the article that it stands in. */
export interface Passage {
  chunk_id: string;
  article_id: string;
  title: string;
  heading?: string;
  text: string;
  url?: string;
}

/** RFC 9457, as every error of the server has it. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  request_id?: string;
}

export interface StreamPosition {
  id: string;
  attempt: number;
  i: number;
}

/** Where in a conversation one is: what comes after it is told, without a gap. */
export interface ResumeFrom {
  conv: string;
  epoch: string;
  seq: number;
  streams: StreamPosition[];
}

export type ClientFrame =
  | { t: "hello"; v: 1; token: string; device: string; resume: ResumeFrom[] }
  | { t: "send"; conv?: string; cmid: string; body: { type: "text" | "note"; text: string } }
  | { t: "seen"; conv: string; seq: number }
  | { t: "cancel"; turn: string }
  | { t: "typing"; conv: string; on: boolean }
  | { t: "watch"; conv: string; epoch?: string; seq?: number; streams?: StreamPosition[] }
  | { t: "unwatch"; conv: string }
  | { t: "feed"; on: boolean }
  | { t: "hb" };

export interface Ack {
  t: "ack";
  cmid: string;
  msg: string;
  seq: number;
  conv?: string;
  epoch?: string;
  turn?: string;
  dup?: boolean;
}

export interface Nack {
  t: "nack";
  cmid: string;
  code: string;
  retryable?: boolean;
  retry_after_ms?: number;
}

export type StreamFrame =
  | { t: "stream.open"; conv: string; turn: string; stream: string; attempt: number }
  | { t: "stream.delta"; stream: string; attempt: number; i: number; text: string }
  | { t: "stream.reset"; stream: string; attempt: number; reason: string }
  | {
      t: "stream.end";
      conv: string;
      stream: string;
      attempt: number;
      n: number;
      seq: number;
      msg: string;
      sha256: string;
    };

export interface Resumed {
  t: "resumed";
  conv: string;
  epoch: string;
  recovered: boolean;
  from?: number;
  to?: number;
  snapshot?: { messages: Message[]; seq: number; status?: Status };
}

/** A waiting visitor's place: 1 is next. Without an estimate nobody is there who could serve. */
export interface Queued {
  t: "queue.updated";
  conv: string;
  position: number;
  estimate_s?: number | null;
  reason?: string;
  /** Outside business hours: when somebody is there again. */
  opens_at?: string;
}

export type ServerFrame =
  | { t: "welcome"; sid: string; hb: number; limits?: { msg?: number }; now?: number }
  | Resumed
  | Ack
  | Nack
  | { t: "msg"; conv: string; epoch: string; seq?: number; msg: Message }
  | StreamFrame
  | { t: "turn.end"; conv: string; turn: string; state: TurnState; reason?: string; retryable?: boolean }
  | { t: "conv"; conv: { id: string; status: Status; assignee_id?: string } }
  | { t: "typing"; conv: string; who: string; on: boolean }
  | Queued
  | { t: "hb" }
  | { t: "error"; code: string; detail: string; conv?: string }
  | { t: "goaway"; reason: string; reconnect_in_ms?: [number, number] };
