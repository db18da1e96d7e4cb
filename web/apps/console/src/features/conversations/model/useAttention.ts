import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { t, useT } from "../../../shared/i18n/i18n";
import { plain } from "../../../shared/markup/plain";
import { habits } from "../../../shared/prefs/habits";
import { prefs } from "../../../shared/prefs/prefs";
import { line } from "../../../shared/realtime/line";
import { useMyId } from "../../../shared/session/session";
import { readConversation, type WireConversation } from "../api/wire";
import { useName } from "../components/useName";
import { callOf } from "./attention";
import { called } from "./called";
import type { Conversation } from "./conversation";
import { roster, useListing } from "./lists";
import { mentioned } from "./mentions";
import { answerTo } from "./rules";
import { queue } from "./views";

/** Mounted once, before the roster hears of a change, so that both sides of it are known: rings, shows the system's notice, and counts in the page's title who waits. */
export function useAttention(): void {
  const words = useT();
  const nameOf = useName();
  const navigate = useNavigate();
  const myId = useMyId();
  const { conversationId = "" } = useParams({ strict: false });
  const now = useRef({ myId, conversationId, t: words, nameOf });
  now.current = { myId, conversationId, t: words, nameOf };
  useCountInTitle();
  useEffect(
    () =>
      line.onFeed((frame) => {
        if (frame.t === "mention.created") return named(frame as unknown as Mention, now.current.myId);
        if (typeof frame.conv !== "object" || frame.conv === null) return;
        const after = readConversation(frame.conv as WireConversation);
        const watched = document.visibilityState === "visible" && document.hasFocus();
        const lookingAt = watched ? now.current.conversationId : "";
        const call = callOf(roster.find(after.id), after, { ...now.current, lookingAt });
        if (!call) return;
        const { ring, notice } = answerTo(call, habits.get(), prefs.get(), watched);
        if (ring) sound();
        if (notice) notify(after, now.current.t(`call.${call}`, { name: now.current.nameOf(after) }));
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

const opened = "miaohui:notice-opened";

interface Mention {
  readonly conv: string;
  readonly agents: readonly string[];
  readonly by_name: string;
}

/** A colleague wrote my name into a note. */
function named(mention: Mention, myId: string): void {
  if (!mention.agents.includes(myId)) return;
  mentioned(mention.conv);
  const words = t("call.mention", { name: mention.by_name });
  const watched = document.visibilityState === "visible" && document.hasFocus();
  const { ring, notice } = answerTo("mention", habits.get(), prefs.get(), watched);
  if (ring) sound();
  const about = roster.find(mention.conv);
  if (notice && about) notify(about, words);
  called.set({ conversationId: mention.conv, words });
}

function sound(): void {
  void import("./ring").then((sounds) => sounds.ring(Date.now()));
}

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
