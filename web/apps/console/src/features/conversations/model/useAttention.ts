import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { plain } from "../../../shared/markup/plain";
import { prefs } from "../../../shared/prefs/prefs";
import { line } from "../../../shared/realtime/line";
import { useMyId } from "../../../shared/session/session";
import { readConversation, type WireConversation } from "../api/wire";
import { useName } from "../components/useName";
import { callOf } from "./attention";
import type { Conversation } from "./conversation";
import { roster, useListing } from "./lists";
import type { Filter } from "./views";

/** Mounted once, before the roster hears of a change, so that both sides of it are known: rings, shows the system's notice, and counts in the page's title who waits. */
export function useAttention(): void {
  const t = useT();
  const nameOf = useName();
  const navigate = useNavigate();
  const myId = useMyId();
  const { conversationId = "" } = useParams({ strict: false });
  const now = useRef({ myId, conversationId, t, nameOf });
  now.current = { myId, conversationId, t, nameOf };
  useCountInTitle();
  useEffect(
    () =>
      line.onFeed((frame) => {
        if (typeof frame.conv !== "object" || frame.conv === null) return;
        const after = readConversation(frame.conv as WireConversation);
        const watched = document.visibilityState === "visible" && document.hasFocus();
        const lookingAt = watched ? now.current.conversationId : "";
        const call = callOf(roster.find(after.id), after, { ...now.current, lookingAt });
        if (!call) return;
        if (prefs.get().sound) void import("./ring").then((sounds) => sounds.ring(Date.now()));
        if (prefs.get().notices && !watched)
          notify(after, now.current.t(`call.${call}`, { name: now.current.nameOf(after) }));
      }),
    [],
  );

  useEffect(() => {
    const open = (event: Event) => {
      const id = (event as CustomEvent<string>).detail;
      void navigate({ to: "/conversations/$conversationId", params: { conversationId: id }, search: {} });
    };
    window.addEventListener(opened, open);
    return () => window.removeEventListener(opened, open);
  }, [navigate]);
}

const queue: Filter = { view: "waiting" };
const opened = "miaohui:notice-opened";

function notify(conversation: Conversation, title: string): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const notice = new Notification(title, {
    body: plain(conversation.preview),
    tag: conversation.id,
    silent: true,
  });
  notice.onclick = () => {
    window.focus();
    window.dispatchEvent(new CustomEvent(opened, { detail: conversation.id }));
    notice.close();
  };
}

/** `(3) 会话 · 秒回`: the number stands in front of whatever the page calls itself. */
function useCountInTitle(): void {
  const { rows, cursor } = useListing(queue);
  const waiting = rows.length > 0 ? `${rows.length}${cursor ? "+" : ""}` : "";
  useEffect(() => {
    const mark = () => {
      const bare = document.title.replace(/^\(\d+\+?\) /, "");
      const wanted = waiting ? `(${waiting}) ${bare}` : bare;
      if (document.title !== wanted) document.title = wanted;
    };
    mark();
    const title = document.querySelector("title");
    const seen = new MutationObserver(mark);
    if (title) seen.observe(title, { childList: true, characterData: true, subtree: true });
    return () => seen.disconnect();
  }, [waiting]);
}
