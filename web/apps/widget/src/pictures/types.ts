import { type Attached, shown } from "@miaohui/ui/pictures";

export type { Attached as Picture, Refused } from "@miaohui/ui/pictures";

/** A message that waits for its pictures. */
export interface Parcel {
  /** Its client id, the same until it stands in the conversation. */
  readonly cmid: string;
  readonly words: string;
  /** A product or an order, as its last line. */
  readonly below: string;
  readonly pictures: readonly Attached[];
}

/** The words with the pictures below them, as every channel reads it. */
export function textOf({ words, below, pictures }: Parcel): string {
  return [words, ...pictures.map(shown)].filter(Boolean).join("\n") + below;
}

/** How much of a message's pictures has gone, 0 to 1. */
export function shareOf({ pictures }: Pick<Parcel, "pictures">): number {
  const bytes = (share: (one: Attached) => number) =>
    pictures.reduce((sum, one) => sum + one.file.size * share(one), 0);
  return bytes((one) => one.share) / (bytes(() => 1) || 1);
}
