/** What the API answers with. A newer server may add fields; none of these goes away. */

export type Status = "pending" | "open" | "snoozed" | "resolved";
export type SenderKind = "visitor" | "assistant" | "agent" | "system";
export type MessageKind = "text" | "note" | "activity";
export type Priority = "" | "low" | "medium" | "high" | "urgent";
export type Rating = -1 | 0 | 1;

export interface Sender {
  kind: SenderKind;
  id: string;
  name?: string;
}

/** Where a statement stands; `n` is the mark in the text, ① for 1. */
export interface Citation {
  n: number;
  chunk_id: string;
  article_id: string;
  title: string;
  heading?: string;
  excerpt?: string;
}

/** One item of a conversation; `seq` counts 1, 2, 3 … without a gap. */
export interface Message {
  id: string;
  seq: number;
  sender: Sender;
  /** A `note` is for agents; a visitor gets its place in the order without its words. */
  kind: MessageKind;
  text: string;
  created_at: string;
  citations?: Citation[];
  /** The turn that a visitor's message opens, or that an answer ends. */
  turn?: string;
  final?: boolean;
  rating?: Rating;
  ai?: boolean;
  /** A machine put an agent's words into this language. */
  translated?: boolean;
  /** Those words, for agents only. */
  original?: string;
  /** The sender's own id of it; nobody else is told. */
  cmid?: string;
}

export interface Conversation {
  id: string;
  inbox_id: string;
  contact: { id: string; name: string };
  status: Status;
  assignee_id: string;
  handoff_reason: string | null;
  /** Since when somebody waits for a person's next word. */
  waiting_since: string | null;
  /** Since when nobody has it who should. */
  queued_at: string | null;
  snoozed_until: string | null;
  team_id: string;
  priority: Priority;
  labels: string[];
  last_seq: number;
  preview: string;
  created_at: string;
  updated_at: string;
}

/** Which conversations; what is left out is not asked for. `me` and `none` are assignees, too. */
export interface Wanted {
  status?: Status | undefined;
  assigneeId?: string | undefined;
  inboxId?: string | undefined;
  teamId?: string | undefined;
  contactId?: string | undefined;
  label?: string | undefined;
  priority?: Priority | undefined;
  /** Only of contacts who are served sooner. */
  vip?: boolean | undefined;
  limit?: number | undefined;
}

/** Some of many; `next_cursor` brings the next, and is empty after the last. */
export interface Page<T> {
  data: T[];
  next_cursor: string;
}

/** A file that was taken in; who has its address may fetch it. */
export interface Sent {
  id: string;
  url: string;
  /** As it is served. */
  type: string;
  /** `pdf`, `docx`, `mp3`, `png`, … */
  kind: string;
  /** Cleaned, and ending as its kind does. */
  name: string;
  bytes: number;
  /** How a message names it: `[name](url)`, a picture as `![name](url)`. */
  text: string;
}

/** A whole answer. */
export interface Reply {
  conversation_id: string;
  message_id: string;
  answer: string;
  citations: Citation[];
  outcome: "answered" | "handed_off" | "failed" | "superseded";
  reason: string;
  handoff: boolean;
  handoff_offer: boolean;
  turn_id: string;
}

/** What happens in a conversation while it is followed, or while an answer is written. */
export type Event =
  | { kind: "message"; message: Message }
  | { kind: "said"; stream: string; text: string }
  /** What was said of this stream is void; the words begin anew. */
  | { kind: "reset"; stream: string }
  | { kind: "ended"; turn: string; state: string; reason: string }
  | { kind: "changed"; conversation: Conversation }
  /** The history could not be continued: replace what is shown. */
  | { kind: "snapshot"; messages: Message[] };
