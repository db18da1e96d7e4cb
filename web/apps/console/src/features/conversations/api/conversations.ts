import type { Message, Conversation as WireConversation, Page as WirePage } from "@miaohui/client";
import { miaohui } from "../../../shared/http/api";
import type { Conversation, Priority } from "../model/conversation";
import type { Page } from "../model/roster";
import type { Filter } from "../model/views";
import { readConversation } from "./wire";

const pageSize = 100;

export async function listConversations(filter: Filter, cursor: string): Promise<Page> {
  const { view, inbox, team, assignee, label, priority, vip } = filter;
  const status = view === "mine" || view === "waiting" ? "open" : view;
  const assigneeId = view === "mine" ? "me" : view === "waiting" ? "none" : assignee;
  const wanted = {
    status,
    assigneeId,
    inboxId: inbox,
    teamId: team,
    label,
    priority,
    vip: vip && true,
    limit: pageSize,
  };
  return readPage(await miaohui.page(wanted, cursor));
}

/** What else this contact, and those found to be the same, ever said; the last changed first. */
export async function listOfContact(
  contactId: string,
  signal: AbortSignal,
): Promise<readonly Conversation[]> {
  return readPage(await miaohui.page({ contactId, limit: 10 }, "", signal)).data;
}

export async function getConversation(id: string, signal?: AbortSignal): Promise<Conversation> {
  return readConversation(await miaohui.talk(id).get(signal));
}

export const listMessages = (id: string, before: number): Promise<Message[]> =>
  miaohui.talk(id).earlier(before);

export interface Words {
  readonly cmid: string;
  readonly text: string;
  readonly note: boolean;
}

/** Sends as the agent; with the same `cmid` it is sent once, however often it is tried. */
export async function say(id: string, { text, note, cmid }: Words): Promise<void> {
  await miaohui.talk(id).say(text, { note, key: cmid });
}

type Talk = ReturnType<typeof miaohui.talk>;

export const takeOver = acting((talk, key) => talk.takeOver(key));
export const handBack = acting((talk, key) => talk.handBack(key));
export const resolve = acting((talk, key) => talk.resolve(key));
export const claim = acting((talk, key) => talk.claim(key));
export const unsnooze = acting((talk, key) => talk.unsnooze(key));

/** The deeds that say more than their name. */
export const assign = (agentId: string) => acting((talk, key) => talk.assign(agentId, key));
export const transfer = (teamId: string) => acting((talk, key) => talk.transfer(teamId, key));
export const snooze = (until: string) => acting((talk, key) => talk.snooze(until, key));
export const setLabels = (labels: readonly string[]) => acting((talk, key) => talk.label(labels, key));
export const setPriority = (priority: Priority) => acting((talk, key) => talk.prioritize(priority, key));

function acting(deed: (talk: Talk, key: string) => Promise<WireConversation>) {
  return async (id: string, key: string) => readConversation(await deed(miaohui.talk(id), key));
}

function readPage(page: WirePage<WireConversation>): Page {
  return { data: page.data.map(readConversation), nextCursor: page.next_cursor };
}
