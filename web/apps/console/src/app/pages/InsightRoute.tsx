import { useNavigate, useSearch } from "@tanstack/react-router";
import { InsightPage } from "../../features/insight/components/InsightPage";
import { useInboxes } from "../../features/settings/model/inboxes";

export function InsightRoute() {
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/insight" });
  const { data: inboxes } = useInboxes();
  return (
    <InsightPage
      shown={search}
      inboxes={inboxes ?? []}
      onShow={(next) => void navigate({ to: "/insight", search: next })}
    />
  );
}
