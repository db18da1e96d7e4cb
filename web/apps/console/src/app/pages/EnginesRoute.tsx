import { useNavigate, useSearch } from "@tanstack/react-router";
import { EnginesPage } from "../../features/engines/components/EnginesPage";

export function EnginesRoute() {
  const navigate = useNavigate();
  const { route } = useSearch({ from: "/shell/engines" });
  return (
    <EnginesPage
      route={route ?? ""}
      onRoute={(name) => void navigate({ to: "/engines", search: name ? { route: name } : {} })}
    />
  );
}
