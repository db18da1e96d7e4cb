import type { SavedView } from "../../../shared/prefs/habits";
import { type Conversation, isQueued, type Priority, priorities } from "./conversation";
import type { View } from "./roster";
import { vips } from "./vips";

export const viewNames = ["mine", "waiting", "open", "pending", "snoozed", "resolved"] as const;
export type ViewName = (typeof viewNames)[number];

/** What a list shows; it stands in the address, so that it can be sent to a colleague. */
export interface Filter {
  readonly view: ViewName;
  readonly inbox?: string | undefined;
  readonly team?: string | undefined;
  /** Whose; of no account in `mine` and in the queue. */
  readonly assignee?: string | undefined;
  readonly label?: string | undefined;
  readonly priority?: Priority | undefined;
  /** Only contacts who are served sooner. */
  readonly vip?: "yes" | undefined;
}

/** The parts of a filter that leave some of a view out. */
export const narrowings = ["vip", "priority", "label", "team", "assignee", "inbox"] as const;
export type Narrowing = (typeof narrowings)[number];

export const isNarrowed = (filter: Filter): boolean => narrowings.some((one) => filter[one]);

export const queue: Filter = { view: "waiting" };
export const mine: Filter = { view: "mine" };

export function readView(name: string | undefined): ViewName {
  return viewNames.find((one) => one === name) ?? "waiting";
}

export function viewOf(filter: Filter, myId: string): View {
  const people = filter.view === "waiting" || filter.view === "mine" || filter.view === "open";
  return {
    key: JSON.stringify([
      filter.view,
      myId,
      ...narrowings.map((one) => filter[one] ?? ""),
      filter.vip ? vips.get().size : 0,
    ]),
    holds: narrowed(standing(filter.view, myId), filter),
    compare: people ? byNeed : byChange,
  };
}

/** Which priority a word of the address means, if it means one. */
export function readPriority(name: string | undefined): Priority | undefined {
  return priorities.find((one) => one !== "" && one === name);
}

type Holds = (one: Conversation) => boolean;

function narrowed(holds: Holds, { view, inbox, team, assignee, label, priority, vip }: Filter): Holds {
  const whose = view === "mine" || view === "waiting" ? "" : assignee;
  return (one) =>
    holds(one) &&
    (!inbox || one.inboxId === inbox) &&
    (!team || one.teamId === team) &&
    (!whose || one.assigneeId === whose) &&
    (!label || one.labels.includes(label)) &&
    (!priority || one.priority === priority) &&
    (!vip || vips.get().has(one.contactId));
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

/** As it is kept under a name. */
export function savedOf(filter: Filter, name: string): SavedView {
  return {
    name,
    status: filter.view,
    assignee_id: filter.assignee ?? "",
    inbox_id: filter.inbox ?? "",
    team_id: filter.team ?? "",
    label: filter.label ?? "",
    priority: filter.priority ?? "",
    vip: filter.vip === "yes",
  };
}

export function filterOf(saved: SavedView): Filter {
  return {
    view: readView(saved.status),
    assignee: saved.assignee_id || undefined,
    inbox: saved.inbox_id || undefined,
    team: saved.team_id || undefined,
    label: saved.label || undefined,
    priority: readPriority(saved.priority),
    vip: saved.vip ? "yes" : undefined,
  };
}

/** Whether they ask for the same. */
export const isSame = (one: Filter, other: Filter): boolean =>
  one.view === other.view && narrowings.every((part) => (one[part] ?? "") === (other[part] ?? ""));
