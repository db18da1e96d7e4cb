import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy } from "react";
import { SettingsPage } from "../../features/settings/components/SettingsPage";
import { useInboxes } from "../../features/settings/model/inboxes";
import { useT } from "../../shared/i18n/i18n";

const Door = lazy(async () => ({ default: (await import("../../features/channels/components/Door")).Door }));
const Robots = lazy(async () => ({
  default: (await import("../../features/channels/components/Robots")).Robots,
}));
const Rules = lazy(async () => ({
  default: (await import("../../features/tickets/components/Rules")).Rules,
}));

const outside: ReadonlySet<string> = new Set(["wechat", "wecom", "telegram", "mail"]);

export function SettingsRoute() {
  const t = useT();
  const navigate = useNavigate();
  const { data: inboxes } = useInboxes();
  const { tab, id } = useSearch({ from: "/shell/settings" });
  return (
    <SettingsPage
      tab={tab ?? "inboxes"}
      id={id ?? ""}
      doorOf={(inbox) => outside.has(inbox.channel) && <Door inbox={inbox} />}
      more={[
        { key: "alerts", label: t("robots.title"), children: <Robots /> },
        { key: "rules", label: t("rules.tab"), children: <Rules inboxes={inboxes ?? []} /> },
      ]}
      onShow={(shown) => void navigate({ to: "/settings", search: shown })}
    />
  );
}
