/** What the API answers with. A newer server may add fields; none of these goes away. */

export interface Sender {
  kind: "visitor" | "assistant" | "agent" | "system";
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
  kind: "text" | "note" | "activity";
  text: string;
  created_at: string;
  citations?: Citation[];
  turn?: string;
  final?: boolean;
  rating?: number;
  ai?: boolean;
}

export interface Conversation {
  id: string;
  inbox_id: string;
  contact: { id: string; name: string };
  status: "pending" | "open" | "snoozed" | "resolved";
  assignee_id: string;
  handoff_reason: string | null;
  last_seq: number;
  preview: string;
  created_at: string;
  updated_at: string;
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
