import type { Imported } from "../api/writing";

/** What fits in one request together, before it grows by a third as base 64. */
export const mostTogether = 700_000;
/** What one file may hold; one that does not go with others goes by itself, as its bytes. */
export const mostBytes = 10_485_760;
const mostFiles = 50;
export const kinds = ".md,.markdown,.txt,.csv,.xlsx,.docx,.pdf,.html,.htm,.zip";

interface Sized {
  readonly name: string;
  readonly size: number;
}

/** The files in as few requests as they fit in, in their order; those that fit in none. */
export function batches<T extends Sized>(files: readonly T[]): { sent: T[][]; tooLarge: T[] } {
  const sent: T[][] = [];
  let room = 0;
  for (const file of files.filter((one) => one.size <= mostBytes)) {
    const last = sent.at(-1);
    if (!last || file.size > room || last.length >= mostFiles) {
      sent.push([file]);
      room = mostTogether - file.size;
    } else {
      last.push(file);
      room -= file.size;
    }
  }
  return { sent, tooLarge: files.filter((one) => one.size > mostBytes) };
}

export const nothing: Imported = { added: 0, updated: 0, unchanged: 0, problems: [], version: 0 };

/** What two requests did, as if they had been one. */
export function together(one: Imported, next: Imported): Imported {
  return {
    added: one.added + next.added,
    updated: one.updated + next.updated,
    unchanged: one.unchanged + next.unchanged,
    problems: [...one.problems, ...next.problems],
    version: next.version,
  };
}

export async function toBase64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
