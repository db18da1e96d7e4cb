import { shown } from "@miaohui/ui/pictures";
import type { Refusal } from "@miaohui/ui/shrink";

/** One that is to be sent. */
export interface Picture {
  /** Also the key of its upload: however often that is tried, it is one picture. */
  readonly id: string;
  readonly name: string;
  readonly file: Blob;
  /** Where this page shows it from. */
  readonly preview: string;
  readonly state: "sending" | "ready" | "failed";
  /** How much has gone, 0 to 1. */
  readonly share: number;
  /** Where it lies, once it is there. */
  readonly url: string;
  /** Why it failed. */
  readonly code: string;
}

/** A message that waits for its pictures. */
export interface Parcel {
  /** Its client id, the same until it stands in the conversation. */
  readonly cmid: string;
  readonly words: string;
  /** A product or an order, as its last line. */
  readonly below: string;
  readonly pictures: readonly Picture[];
}

export interface Refused {
  readonly name: string;
  readonly why: Refusal | "many";
}

/** The words with the pictures below them, as every channel reads it. */
export function textOf({ words, below, pictures }: Parcel): string {
  return [words, ...pictures.map(({ name, url }) => shown(name, url))].filter(Boolean).join("\n") + below;
}

/** How much of a message's pictures has gone, 0 to 1. */
export function shareOf({ pictures }: Pick<Parcel, "pictures">): number {
  const bytes = (share: (one: Picture) => number) =>
    pictures.reduce((sum, one) => sum + one.file.size * share(one), 0);
  return bytes((one) => one.share) / (bytes(() => 1) || 1);
}
