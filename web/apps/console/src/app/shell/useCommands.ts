import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { findConversations } from "../../features/conversations/api/desk";
import { useName } from "../../features/conversations/components/useName";
import { roster } from "../../features/conversations/model/lists";
import { useT, type Word } from "../../shared/i18n/i18n";
import { flipLanguage, flipTheme } from "../../shared/prefs/flip";
import { logOut, useGoverns } from "../../shared/session/session";
import { useSettled } from "../../shared/useSettled";
import type { Command } from "./commands";
import { usePlaces } from "./Rail";

/** Parts of pages that one goes to straight away: path, query, the page's word and the part's. */
const parts: readonly (readonly [string, Readonly<Record<string, string>>, Word, Word])[] = [
  ["/knowledge", { edit: "new" }, "nav.knowledge", "article.write"],
  ["/knowledge", { tab: "try" }, "nav.knowledge", "knowledge.ask"],
  ["/knowledge", { tab: "drafts" }, "nav.knowledge", "knowledge.drafts"],
  ["/knowledge", { tab: "gaps" }, "nav.knowledge", "knowledge.gaps"],
  ["/knowledge", { tab: "health" }, "nav.knowledge", "knowledge.health"],
  ["/knowledge", { tab: "versions" }, "nav.knowledge", "knowledge.versions"],
  ["/settings", { tab: "replies" }, "nav.settings", "replies.title"],
  ["/tickets", { look: "board" }, "nav.tickets", "tickets.as_board"],
  ["/insight", { tab: "reviews" }, "nav.insight", "reviews.title"],
];

/** For who sets the place up. */
const governing: typeof parts = [
  ["/assistants", { tab: "tools" }, "nav.assistants", "assistants.tools"],
  ["/assistants", { tab: "guard" }, "nav.assistants", "assistants.guard"],
  ["/settings", { tab: "teams" }, "nav.settings", "teams.title"],
  ["/settings", { tab: "people" }, "nav.settings", "settings.people"],
  ["/assistants", { tab: "connectors" }, "nav.assistants", "connectors.title"],
  ["/assistants", { tab: "prices" }, "nav.assistants", "price_rules.tab"],
  ["/assistants", { tab: "cases" }, "nav.assistants", "cases.title"],
  ["/settings", { tab: "notices" }, "nav.settings", "notices.title"],
  ["/settings", { tab: "alerts" }, "nav.settings", "robots.title"],
  ["/settings", { tab: "rules" }, "nav.settings", "rules.tab"],
  ["/engines", { tab: "prices" }, "nav.engines", "prices.title"],
  ["/settings", { tab: "webhooks" }, "nav.settings", "settings.webhooks"],
  ["/settings", { tab: "keys" }, "nav.settings", "settings.keys"],
  ["/settings", { tab: "audit" }, "nav.settings", "settings.audit"],
  ["/settings", { tab: "company" }, "nav.settings", "settings.company"],
];

/** Everywhere one may go and everything one may do from anywhere, and whom the words typed find. */
export function useCommands(text: string, onHelp: () => void): readonly Command[] {
  const here = usePlacesAndDeeds(onHelp);
  return [...here, ...useFound(text)];
}

function usePlacesAndDeeds(onHelp: () => void): readonly Command[] {
  const t = useT();
  const nameOf = useName();
  const navigate = useNavigate();
  const places = usePlaces();
  const governs = useGoverns();
  return useMemo(() => {
    const goTo = places.map(({ to, word }) => ({
      id: to.slice(1),
      name: t(word),
      about: t("palette.go"),
      words: to,
      run: () => void navigate({ to }),
    }));
    const within = [...parts, ...(governs ? governing : [])].map(([to, search, page, word]) => ({
      id: `${to}-${Object.values(search).join("-")}`.slice(1),
      name: t(word),
      about: t(page),
      words: `${to} ${Object.values(search).join(" ")}`,
      run: () => void navigate({ to, search }),
    }));
    const deeds: Command[] = [
      { id: "dark", name: t("palette.theme"), about: "", words: "theme dark light", run: flipTheme },
      { id: "lang", name: t("prefs.language"), about: "", words: "language english 中文", run: flipLanguage },
      { id: "help", name: t("help.title"), about: "?", words: "keyboard shortcuts", run: onHelp },
      { id: "out", name: t("identity.log_out"), about: "", words: "logout", run: () => void logOut() },
    ];
    const conversations = roster.all().map((one) => ({
      id: one.id,
      name: nameOf(one),
      about: one.preview,
      words: one.id,
      run: () =>
        void navigate({
          to: "/conversations/$conversationId",
          params: { conversationId: one.id },
          search: { status: one.status },
        }),
    }));
    return [...goTo, ...conversations, ...within, ...deeds];
  }, [nameOf, navigate, onHelp, places, governs, t]);
}

/** Conversations that are not at hand here, by what was said in them or with whom. */
function useFound(text: string): readonly Command[] {
  const t = useT();
  const navigate = useNavigate();
  const words = useSettled(text.trim(), 250);
  const found = useQuery({
    queryKey: ["palette", words],
    queryFn: ({ signal }) => findConversations(words, signal),
    enabled: words.length >= 2,
  });
  const here = new Set(roster.all().map((one) => one.id));
  return (found.data ?? [])
    .filter((one) => !here.has(one.conversation.id))
    .map(({ conversation: { id, contact }, excerpt }) => ({
      id,
      name: contact.name || t("contact.unnamed", { tail: contact.id.slice(-4).toUpperCase() }),
      about: excerpt,
      words: text,
      run: () =>
        void navigate({
          to: "/conversations/$conversationId",
          params: { conversationId: id },
          search: {},
        }),
    }));
}
