import type { Sent } from "./models.js";
import type { Asking, Transport } from "./transport.js";

/**
 * Takes in a file: a picture, a document, sound or film. What it is, its bytes say. A message names it by its `text`.
 * Throws `ApiError`, with a `code` such as `file_kind`, `file_large`, `files_off`.
 */
export function upload(
  transport: Transport,
  file: Blob,
  { name = nameOf(file), ...asking }: Omit<Asking, "body"> & { readonly name?: string } = {},
): Promise<Sent> {
  const query = name ? `?name=${encodeURIComponent(Array.from(name).slice(0, 200).join(""))}` : "";
  return transport.ask("POST", `/v1/files${query}`, { ...asking, body: file });
}

const nameOf = (file: Blob): string => ("name" in file ? String(file.name) : "");
