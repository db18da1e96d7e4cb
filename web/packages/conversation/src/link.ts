/** One way to the server. Three exist (WebSocket, event stream, long poll); all speak the same frames. */

import type { ClientFrame, ServerFrame } from "@miaohui/client";

export interface LinkEvents {
  /** The way is open; `hello` may be sent. */
  open(): void;
  frame(frame: ServerFrame): void;
  /** The way is closed, by whomever; nothing follows. `code` as in RFC 6455, 45xx: do not come back. */
  closed(code: number): void;
}

export interface Link {
  send(frame: ClientFrame): void;
  close(): void;
}

export type OpenLink = (on: LinkEvents) => Link;

export interface Endpoint {
  /** The server's origin and path, without a slash at the end. */
  base: string;
  token(): string;
}
