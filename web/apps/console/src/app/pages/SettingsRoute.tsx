import { useNavigate, useSearch } from "@tanstack/react-router";
import { SettingsPage } from "../../features/settings/components/SettingsPage";

export function SettingsRoute() {
  const navigate = useNavigate();
  const { tab } = useSearch({ from: "/shell/settings" });
  return (
    <SettingsPage
      tab={tab ?? "inboxes"}
      onTab={(next) => void navigate({ to: "/settings", search: { tab: next } })}
    />
  );
}
