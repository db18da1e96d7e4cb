/** What a message may hold beside words, for whoever writes it. */

import type { Refusal } from "./shrink";

/** A picture or another file that is to go with a message. */
export interface Attached {
  /** Also the key of its upload: however often that is tried, it is one file. */
  readonly id: string;
  readonly name: string;
  readonly file: Blob;
  /** Where this page shows it from; "" for what is no picture. */
  readonly preview: string;
  readonly state: "sending" | "ready" | "failed";
  /** How much has gone, 0 to 1. */
  readonly share: number;
  /** Where it lies, once it is there. */
  readonly url: string;
  /** Why it failed. */
  readonly code: string;
}

/** One that cannot go, and why. */
export interface Refused {
  readonly name: string;
  readonly why: Refusal | "many";
}

export const mostAtOnce = 9;
export const pictureTypes = "image/jpeg,image/png,image/gif,image/webp";
/** How files may be called that servers take unless they are told otherwise. */
export const fileTypes =
  "pdf docx xlsx pptx txt log md csv tsv zip mp3 ogg oga opus m4a amr wav mp4 m4v webm".split(" ");

/** For the system's own dialog. */
export const acceptedBy = (types: readonly string[], pictures = true): string =>
  [...(pictures ? [pictureTypes] : []), ...types.map((type) => `.${type}`)].join(",");

/** What would end the name or its line, or turn the writing around, so that `exe.png` is read where `gnp.exe` stands. */
const troubling = "[]\u007f\u2028\u2029\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";

/** A file's name as it may stand in a message; what is too long keeps its ending. */
export function nameOf(name: string): string {
  const letters = Array.from(name, (letter) => (letter < " " || troubling.includes(letter) ? " " : letter));
  const plain = letters.join("").replace(/\s+/g, " ").trim() || "picture";
  const ending = /\.\w{1,10}$/.exec(plain)?.[0] ?? "";
  return plain.length <= 80 ? plain : plain.slice(0, 80 - ending.length) + ending;
}

/** A picture or a file as a message names it. */
export const shown = ({ name, url, preview }: Pick<Attached, "name" | "url" | "preview">): string =>
  `${preview ? "!" : ""}[${name}](${url})`;

/** 1.2 MB, in the words of every language. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

export type Look = "audio" | "video" | "image" | "sheet" | "slides" | "text" | "archive" | "file";

/** How a file is shown, by the type under which the server serves it. AMR is sound that no browser plays. */
export function lookOf(type: string): Look {
  const [main = ""] = type.split("/");
  if (type === "audio/amr") return "file";
  if (main === "audio" || main === "video" || main === "image") return main;
  if (/zip$/.test(type)) return "archive";
  if (/sheet$|csv$/.test(type)) return "sheet";
  if (/presentation$/.test(type)) return "slides";
  return /^text\/|document$|pdf$/.test(type) ? "text" : "file";
}

/** What the server says of a file that is there; null while it is not. */
export interface Facts {
  readonly type: string;
  readonly bytes: number;
}

const asked = new Map<string, Promise<Facts | null>>();

/** Asks once for each file; again for one that was not there. */
export function factsOf(src: string): Promise<Facts | null> {
  const known = asked.get(src);
  if (known) return known;
  const asking = fetch(src, { method: "HEAD" }).then(
    ({ ok, headers }) =>
      ok ? { type: headers.get("content-type") ?? "", bytes: Number(headers.get("content-length")) } : null,
    () => null,
  );
  asked.set(src, asking);
  void asking.then((facts) => facts ?? asked.delete(src));
  return asking;
}
