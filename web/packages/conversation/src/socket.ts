import type { ServerFrame } from "@miaohui/client";
import type { Endpoint, Link, LinkEvents } from "./link";

/** The first choice: one WebSocket, frames as JSON text. */
export function openSocket(at: Endpoint, on: LinkEvents): Link {
  const socket = new WebSocket(`${at.base.replace(/^http/, "ws")}/v1/ws`);
  let over = false;
  const end = (code: number): void => {
    if (over) return;
    over = true;
    on.closed(code);
  };
  socket.onopen = () => on.open();
  socket.onmessage = (event) => {
    if (!over) on.frame(JSON.parse(String(event.data)) as ServerFrame);
  };
  socket.onclose = (event) => end(event.code);
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    // A dead network never confirms a close, so its end is not waited for.
    close: () => {
      end(1000);
      socket.close();
    },
  };
}
