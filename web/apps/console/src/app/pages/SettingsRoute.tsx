import { useNavigate, useSearch } from "@tanstack/react-router";
import { SettingsPage } from "../../features/settings/components/SettingsPage";

export function SettingsRoute() {
  const navigate = useNavigate();
  const { tab, id } = useSearch({ from: "/shell/settings" });
  return (
    <SettingsPage
      tab={tab ?? "inboxes"}
      id={id ?? ""}
      onShow={(shown) => void navigate({ to: "/settings", search: shown })}
    />
  );
}
