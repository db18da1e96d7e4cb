import type { Picture } from "./models.js";
import type { Asking, Transport } from "./transport.js";

const AT_ONCE = 0x8000;

/** Takes in a picture of up to 750 kB, to be named in a message as `![what it shows](url)`. Throws `ApiError`. */
export async function upload(
  transport: Transport,
  picture: Blob,
  asking: Omit<Asking, "body"> = {},
): Promise<Picture> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  return transport.ask("POST", "/v1/media", { ...asking, body: { data: base64(bytes) } });
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE)
    text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  return btoa(text);
}
