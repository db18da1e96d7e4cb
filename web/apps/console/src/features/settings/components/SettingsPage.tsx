import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { useGoverns } from "../../../shared/session/session";
import { Page } from "../../../shared/ui/Page";
import { type Tab, Tabs } from "../../../shared/ui/Tabs";
import type { Inbox } from "../api/settings";
import { Inboxes } from "./Inboxes";

const Audit = lazy(async () => ({ default: (await import("./Audit")).Audit }));
const Company = lazy(async () => ({ default: (await import("./Company")).Company }));
const Keys = lazy(async () => ({ default: (await import("./Keys")).Keys }));
const Notices = lazy(async () => ({ default: (await import("./Notices")).Notices }));
const People = lazy(async () => ({ default: (await import("./People")).People }));
const Replies = lazy(async () => ({ default: (await import("./Replies")).Replies }));
const Teams = lazy(async () => ({ default: (await import("./Teams")).Teams }));
const Webhooks = lazy(async () => ({ default: (await import("./Webhooks")).Webhooks }));

/** What is open, as it stands in the address. */
export interface Shown {
  readonly tab: string;
  readonly id?: string;
}

/** What every part of the settings is given. */
export interface Place {
  /** The one thing that is open, or "". */
  readonly id: string;
  readonly governs: boolean;
  readonly onShow: (shown: Shown) => void;
  /** What other rooms show of a door. */
  readonly doorOf: (inbox: Inbox) => ReactNode;
}

interface Props {
  readonly tab: string;
  readonly id: string;
  readonly doorOf: Place["doorOf"];
  /** Parts of other rooms, for who governs. */
  readonly more: readonly Tab[];
  readonly onShow: (shown: Shown) => void;
}

export function SettingsPage({ tab, id, doorOf, more, onShow }: Props) {
  const t = useT();
  const governs = useGoverns();
  useEffect(() => {
    document.title = `${t("nav.settings")} · ${t("app.name")}`;
  }, [t]);
  const place: Place = { id, governs, onShow, doorOf };
  const governing = [
    { key: "people", label: t("settings.people"), children: <People /> },
    { key: "teams", label: t("teams.title"), children: <Teams /> },
    { key: "notices", label: t("notices.title"), children: <Notices /> },
    ...more,
    { key: "webhooks", label: t("settings.webhooks"), children: <Webhooks {...place} /> },
    { key: "keys", label: t("settings.keys"), children: <Keys /> },
    { key: "audit", label: t("settings.audit"), children: <Audit /> },
    { key: "company", label: t("settings.company"), children: <Company /> },
  ];
  const tabs = [
    { key: "inboxes", label: t("settings.inboxes"), children: <Inboxes {...place} /> },
    { key: "replies", label: t("replies.title"), children: <Replies /> },
    ...(governs ? governing : []),
  ];
  const shown = tabs.some((one) => one.key === tab) ? tab : "inboxes";
  return (
    <Page title={t("nav.settings")} about={t("settings.about")}>
      <Suspense>
        <Tabs
          label={t("nav.settings")}
          tabs={tabs}
          current={shown}
          onChange={(next) => onShow({ tab: next })}
        />
      </Suspense>
    </Page>
  );
}
