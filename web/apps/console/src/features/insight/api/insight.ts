import { query, request } from "../../../shared/http/request";
import type { Among } from "../model/among";
import type { Stretch } from "../model/period";

/** Of one stretch of time. A share or a time is null where there was nothing to take it of. */
export interface Figures {
  readonly conversations: number;
  readonly messages: number;
  readonly handed_off: number;
  readonly handoff_reasons: Readonly<Record<string, number>>;
  readonly first_response_s: number | null;
  readonly first_response_p90_s: number | null;
  readonly resolved: number;
  readonly resolution_s: number | null;
  readonly involvement: number | null;
  readonly resolution: number | null;
  /** Involvement × resolution. */
  readonly automation: number | null;
  readonly good: number;
  readonly bad: number;
  readonly csat: number | null;
  /** Conversations that visitors scored, and of those scores the mean, from 1 to 5. */
  readonly scored: number;
  readonly score: number | null;
  /** Share of 4 and 5 among them. */
  readonly content: number | null;
  /** Conversations in which the visitor spoke again after they were resolved. */
  readonly reopened: number;
  readonly cost_micro: number;
  readonly cost_per_conversation_micro: number | null;
}

export interface OverTime {
  readonly steps: readonly { readonly at: string; readonly figures: Figures }[];
  readonly total: Figures;
  readonly previous: Figures;
  /** False when there was more than could be counted. */
  readonly complete: boolean;
}

export interface Now {
  readonly pending: number;
  readonly open: number;
  readonly snoozed: number;
  readonly waiting: number;
  readonly longest_wait_s: number;
  readonly running_turns: number;
  readonly agents: {
    readonly online: number;
    readonly away: number;
    readonly offline: number;
    readonly capacity: number;
    readonly load: number;
  };
  readonly strain: Strain;
}

/** What is done without, because too much is asked. */
export interface Strain {
  readonly step: "" | "small" | "leave" | "refuse";
  readonly why: "" | "turns" | "lag";
  readonly since: string;
  readonly nodes: number;
  /** The small route; empty for whichever it is otherwise. */
  readonly route: string;
  /** What visitors are told besides, each by language. */
  readonly notices: readonly Readonly<Record<string, string>>[];
}

export const getStrain = (signal: AbortSignal) => request<Strain>("/v1/insight/strain", { signal });

export const getNow = (signal: AbortSignal) => request<Now>("/v1/insight/now", { signal });

export const getOverTime = (stretch: Stretch, among: Among, signal: AbortSignal) =>
  request<OverTime>(`/v1/insight/over-time${asked(stretch, among)}`, { signal });

/** The stretch as the server reads it, for the page and for an export. */
export function asked(stretch: Stretch, among: Among): string {
  const { since, until, step, offsetMinutes } = stretch;
  const { inbox, channel, assistant, team, agent } = among;
  return query({
    since,
    until,
    step,
    offset_minutes: offsetMinutes,
    inbox_id: inbox,
    channel,
    assistant,
    team_id: team,
    agent_id: agent,
  });
}
