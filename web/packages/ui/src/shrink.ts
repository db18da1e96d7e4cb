/** What a picture may be, and how a large one is made to fit. */

/** As the server takes them in; of an address in base 64, with some room. */
export const mostBytes = 740_000;
/** Beyond this a phone would have to think for long. */
export const mostRead = 25_000_000;

const edges = [2048, 1440, 1024] as const;
const qualities = [0.86, 0.7] as const;

/** Of a file that is no picture; the server may take less of some kinds. */
export const mostOfAFile = 26_214_400;

/** Why a file is not taken. */
export type Refusal = "type" | "size" | "moving" | "large" | "empty";

/** The type by what the bytes are, whatever the file is called; "" for what is no picture. */
export function kindOf(head: Uint8Array): string {
  const starts = (at: number, ...bytes: number[]) => bytes.every((byte, n) => head[at + n] === byte);
  if (starts(0, 0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0, 0x89, 0x50, 0x4e, 0x47)) return "image/png";
  if (starts(0, 0x47, 0x49, 0x46, 0x38)) return "image/gif";
  return starts(8, 0x57, 0x45, 0x42, 0x50) ? "image/webp" : "";
}

/** The picture as it is sent: as it was when that fits, else smaller. WeChat shows no WebP, so that becomes JPEG. */
export async function shrink(file: Blob): Promise<Blob | Refusal> {
  if (file.size > mostRead) return "size";
  const kind = kindOf(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  if (!kind) return "type";
  const fits = file.size <= mostBytes;
  if (kind === "image/gif") return fits ? file : "moving";
  if (fits && kind !== "image/webp") return file;
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return "type";
  try {
    for (const edge of edges) {
      for (const quality of qualities) {
        const made = await drawn(bitmap, edge, quality);
        if (made && made.size <= mostBytes) return made;
      }
    }
    return "size";
  } finally {
    bitmap.close();
  }
}

/** A file as it is sent: a picture made to fit, another as it is, if its name ends as one that is taken. */
export async function fit(
  file: File,
  types: readonly string[],
  pictures = true,
): Promise<{ readonly file: Blob; readonly picture: boolean } | Refusal> {
  const kind = kindOf(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  if (kind) {
    if (!pictures) return "type";
    const made = await shrink(file);
    return typeof made === "string" ? made : { file: made, picture: true };
  }
  const ending = file.name.split(".").pop()?.toLowerCase() ?? "";
  if (!types.includes(ending)) return "type";
  if (!file.size) return "empty";
  return file.size > mostOfAFile ? "large" : { file, picture: false };
}

function drawn(bitmap: ImageBitmap, edge: number, quality: number): Promise<Blob | null> {
  const scale = Math.min(1, edge / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) return Promise.resolve(null);
  // JPEG knows no transparency: what was seen through is white, as on paper.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}
