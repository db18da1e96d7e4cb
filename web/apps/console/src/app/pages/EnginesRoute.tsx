import { useNavigate, useSearch } from "@tanstack/react-router";
import { EnginesPage } from "../../features/engines/components/EnginesPage";

export function EnginesRoute() {
  const navigate = useNavigate();
  const { route, tab } = useSearch({ from: "/shell/engines" });
  return (
    <EnginesPage
      tab={tab ?? ""}
      route={route ?? ""}
      onTab={(next) => void navigate({ to: "/engines", search: next ? { tab: next } : {} })}
      onRoute={(name) => void navigate({ to: "/engines", search: name ? { route: name } : {} })}
    />
  );
}
