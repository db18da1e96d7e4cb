import { type Conversation, isQueued, type Priority, priorities } from "./conversation";
import type { View } from "./roster";

export const viewNames = ["mine", "waiting", "open", "pending", "snoozed", "resolved"] as const;
export type ViewName = (typeof viewNames)[number];

/** What a list shows; it stands in the address, so that it can be sent to a colleague. */
export interface Filter {
  readonly view: ViewName;
  readonly inbox?: string | undefined;
  readonly label?: string | undefined;
  readonly priority?: Priority | undefined;
}

export const queue: Filter = { view: "waiting" };
export const mine: Filter = { view: "mine" };

export function readView(name: string | undefined): ViewName {
  return viewNames.find((one) => one === name) ?? "waiting";
}

export function viewOf(filter: Filter, myId: string): View {
  const people = filter.view === "waiting" || filter.view === "mine" || filter.view === "open";
  return {
    key: JSON.stringify([filter.view, myId, filter.inbox, filter.label, filter.priority]),
    holds: narrowed(standing(filter.view, myId), filter),
    compare: people ? byNeed : byChange,
  };
}

/** Which priority a word of the address means, if it means one. */
export function readPriority(name: string | undefined): Priority | undefined {
  return priorities.find((one) => one !== "" && one === name);
}

type Holds = (one: Conversation) => boolean;

function narrowed(holds: Holds, { inbox, label, priority }: Filter): Holds {
  return (one) =>
    holds(one) &&
    (!inbox || one.inboxId === inbox) &&
    (!label || one.labels.includes(label)) &&
    (!priority || one.priority === priority);
}

function standing(view: ViewName, myId: string): (one: Conversation) => boolean {
  switch (view) {
    case "mine":
      return (one) => one.status === "open" && one.assigneeId === myId;
    case "waiting":
      return isQueued;
    default:
      return (one) => one.status === view;
  }
}

/** Who waits stands before who is served; who waits longest comes first. */
export function byNeed(a: Conversation, b: Conversation): number {
  if (a.waitingSince > 0 !== b.waitingSince > 0) return a.waitingSince > 0 ? -1 : 1;
  if (a.waitingSince === 0) return byChange(a, b);
  return a.waitingSince - b.waitingSince || byId(a, b);
}

/** What moved last stands first. */
export function byChange(a: Conversation, b: Conversation): number {
  return b.updatedAt - a.updatedAt || byId(b, a);
}

function byId(a: Conversation, b: Conversation): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
