import { request } from "../http/request";
import { Store } from "../store";

export const calls = ["queue", "given", "reply", "mention"] as const;
/** Somebody new in the queue; one given to me; a reply in one of mine; my name in a note. */
export type Call = (typeof calls)[number];

/** A list of conversations under a name of its own; "" asks for nothing. */
export interface SavedView {
  readonly name: string;
  readonly status: string;
  readonly assignee_id: string;
  readonly inbox_id: string;
  readonly team_id: string;
  readonly label: string;
  readonly priority: string;
  readonly vip?: boolean;
}

/** How one likes the desk; it is kept with the account, and is the same at every browser. */
export interface Habits {
  readonly translate_incoming: boolean;
  readonly sounds: readonly Call[];
  readonly notices: readonly Call[];
  readonly sound_when_looking: boolean;
  /** 0: never by itself. */
  readonly away_after_minutes: number;
  readonly views: readonly SavedView[];
}

const usual: Habits = {
  translate_incoming: false,
  sounds: calls,
  notices: calls,
  sound_when_looking: true,
  away_after_minutes: 0,
  views: [],
};

export const habits = new Store<Habits>(usual);

const path = "/v1/me/preferences";

/** As it stands at the server; the usual until then, and while it cannot be asked. */
export async function readHabits(): Promise<void> {
  habits.set(await request<Habits>(path));
}

export const forgetHabits = (): void => habits.set(usual);

/** Shown at once; what the server refuses is as it was, and thrown. */
export async function changeHabits(change: Partial<Habits>): Promise<void> {
  const before = habits.get();
  habits.set({ ...before, ...change });
  try {
    habits.set(await request<Habits>(path, { method: "PATCH", body: change }));
  } catch (error) {
    habits.set(before);
    throw error;
  }
}
