import { Store } from "../../../shared/store";

/** The last time a colleague named me, to be shown on whatever page I am. */
export const called = new Store<{ readonly conversationId: string; readonly words: string } | null>(null);
