import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { refresh, session } from "../shared/session/session";
import { Soon } from "../shared/ui/Soon";
import { Lost } from "./Lost";

interface Context {
  readonly client: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ notFoundComponent: Lost });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search): { to?: string } => pick(search, "to"),
  component: lazyRouteComponent(() => import("../features/identity/components/LoginPage"), "LoginPage"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    if (session.get().state === "unknown") await refresh().catch(() => session.set({ state: "out" }));
    if (session.get().state !== "in") throw redirect({ to: "/login", search: { to: location.href } });
  },
  component: lazyRouteComponent(() => import("./shell/Shell"), "Shell"),
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/conversations", search: { status: "waiting" } });
  },
});

const listed = [
  "status",
  "turn",
  "passage",
  "inbox",
  "team",
  "assignee",
  "label",
  "priority",
  "vip",
] as const;

const conversations = createRoute({
  getParentRoute: () => shell,
  path: "/conversations",
  validateSearch: (search): Partial<Record<(typeof listed)[number], string>> => pick(search, ...listed),
  component: lazyRouteComponent(() => import("./pages/ConversationsPage"), "ConversationsPage"),
});

const conversation = createRoute({
  getParentRoute: () => conversations,
  path: "$conversationId",
});

const known = ["tab", "q", "passage", "article", "edit", "version"] as const;

const knowledge = createRoute({
  getParentRoute: () => shell,
  path: "/knowledge",
  validateSearch: (search): { [name in (typeof known)[number]]?: string | undefined } =>
    pick(search, ...known),
  component: lazyRouteComponent(() => import("./pages/KnowledgeRoute"), "KnowledgeRoute"),
});

const sorted = ["look", "status", "whose", "priority", "category", "overdue", "ticket"] as const;

const tickets = createRoute({
  getParentRoute: () => shell,
  path: "/tickets",
  validateSearch: (search): { [name in (typeof sorted)[number]]?: string | undefined } =>
    pick(search, ...sorted),
  component: lazyRouteComponent(() => import("./pages/TicketsRoute"), "TicketsRoute"),
});

const insight = createRoute({
  getParentRoute: () => shell,
  path: "/insight",
  validateSearch: (
    search,
  ): {
    [name in "tab" | "days" | "inbox" | "channel" | "assistant" | "team" | "agent"]?: string | undefined;
  } => pick(search, "tab", "days", "inbox", "channel", "assistant", "team", "agent"),
  component: lazyRouteComponent(() => import("./pages/InsightRoute"), "InsightRoute"),
});

const engines = createRoute({
  getParentRoute: () => shell,
  path: "/engines",
  validateSearch: (search): { route?: string; tab?: string } => pick(search, "route", "tab"),
  component: lazyRouteComponent(() => import("./pages/EnginesRoute"), "EnginesRoute"),
});

const assistants = createRoute({
  getParentRoute: () => shell,
  path: "/assistants",
  validateSearch: (search): { tab?: string | undefined; inbox?: string | undefined } =>
    pick(search, "tab", "inbox"),
  component: lazyRouteComponent(() => import("./pages/AssistantsRoute"), "AssistantsRoute"),
});

const contacts = createRoute({
  getParentRoute: () => shell,
  path: "/contacts",
  validateSearch: (search): { q?: string } => pick(search, "q"),
  component: lazyRouteComponent(() => import("./pages/ContactsRoute"), "ContactsRoute"),
});

const contact = createRoute({
  getParentRoute: () => contacts,
  path: "$contactId",
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  validateSearch: (search): { tab?: string; id?: string } => pick(search, "tab", "id"),
  component: lazyRouteComponent(() => import("./pages/SettingsRoute"), "SettingsRoute"),
});

const routes = root.addChildren([
  login,
  shell.addChildren([
    home,
    conversations.addChildren([conversation]),
    tickets,
    contacts.addChildren([contact]),
    knowledge,
    assistants,
    engines,
    insight,
    settings,
  ]),
]);

export const router = createRouter({
  routeTree: routes,
  basepath: "/console",
  context: { client: undefined as unknown as QueryClient },
  defaultPreload: "intent",
  defaultPendingComponent: Soon,
  defaultPendingMs: 300,
  defaultPendingMinMs: 0,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** Only the named strings of an address; whatever else it carries is dropped. */
function pick<K extends string>(search: Record<string, unknown>, ...names: K[]): { [name in K]?: string } {
  const kept: { [name in K]?: string } = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === "string" && value) kept[name] = value;
    else if (typeof value === "number") kept[name] = String(value);
  }
  return kept;
}
