import { Tabs } from "antd";
import { useEffect } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { session } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Page } from "../../../shared/ui/Page";
import { Audit } from "./Audit";
import { Inboxes } from "./Inboxes";
import { Keys } from "./Keys";

export function SettingsPage({
  tab,
  onTab,
}: {
  readonly tab: string;
  readonly onTab: (tab: string) => void;
}) {
  const t = useT();
  const now = useStore(session);
  const governs = now.state === "in" && (now.grant.role === "owner" || now.grant.role === "admin");
  useEffect(() => {
    document.title = `${t("nav.settings")} · ${t("app.name")}`;
  }, [t]);
  const governing = [
    { key: "keys", label: t("settings.keys"), children: <Keys /> },
    { key: "audit", label: t("settings.audit"), children: <Audit /> },
  ];
  const tabs = [
    { key: "inboxes", label: t("settings.inboxes"), children: <Inboxes /> },
    ...(governs ? governing : []),
  ];
  const shown = tabs.some((one) => one.key === tab) ? tab : "inboxes";
  return (
    <Page title={t("nav.settings")} about={t("settings.about")}>
      <Tabs activeKey={shown} onChange={onTab} items={tabs} destroyOnHidden animated={false} />
    </Page>
  );
}
