import type { Conversation, View } from "./conversation";

export interface Page {
  readonly data: readonly Conversation[];
  readonly nextCursor: string;
}

/** The pages of one view after a change that the feed told: taken out, put in, or replaced where it stands. */
export function applyChange(pages: readonly Page[], changed: Conversation, view: View): readonly Page[] {
  const belongs = changed.status === view;
  const held = pages.some((page) => page.data.some((one) => one.id === changed.id));
  if (!belongs && !held) return pages;
  if (held) return pages.map((page) => ({ ...page, data: replaced(page.data, changed, belongs) }));
  return pages.map((page, n) => (n === 0 ? { ...page, data: [changed, ...page.data] } : page));
}

function replaced(
  data: readonly Conversation[],
  changed: Conversation,
  belongs: boolean,
): readonly Conversation[] {
  return data.flatMap((one) => {
    if (one.id !== changed.id) return [one];
    return belongs ? [newer(one, changed)] : [];
  });
}

/** Frames and answers may cross on their way: what is older never replaces what is newer. */
function newer(held: Conversation, told: Conversation): Conversation {
  return told.updatedAt >= held.updatedAt ? told : held;
}
