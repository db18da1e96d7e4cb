import { useNavigate, useSearch } from "@tanstack/react-router";
import { KnowledgePage } from "../../features/knowledge/components/KnowledgePage";

export function KnowledgeRoute() {
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/knowledge" });
  return (
    <KnowledgePage shown={search} onShow={(shown) => void navigate({ to: "/knowledge", search: shown })} />
  );
}
