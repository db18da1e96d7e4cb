export type Outcome = "assistant" | "people" | "again";

interface Said {
  readonly kind: string;
  readonly text: string;
  readonly sender: { readonly kind: string };
}

/** How a conversation came to its end, by what is shown of it: with the visitor back after an earlier end, by people, or not. */
export function outcomeOf(messages: readonly Said[]): Outcome | null {
  let ended = false;
  let again = false;
  for (const one of messages) {
    if (one.kind === "activity" && one.text.startsWith("resolved")) ended = true;
    else if (ended && one.kind === "text" && one.sender.kind === "visitor") again = true;
  }
  if (!ended) return null;
  if (again) return "again";
  return messages.some((one) => one.kind === "text" && one.sender.kind === "agent") ? "people" : "assistant";
}
