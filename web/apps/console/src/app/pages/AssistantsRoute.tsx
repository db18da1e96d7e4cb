import { useNavigate, useSearch } from "@tanstack/react-router";
import { AssistantsPage } from "../../features/assistants/components/AssistantsPage";
import { useInboxes } from "../../features/settings/model/inboxes";
import { Loaded } from "../../shared/ui/Loaded";
import { Soon } from "../../shared/ui/Soon";

export function AssistantsRoute() {
  const navigate = useNavigate();
  const shown = useSearch({ from: "/shell/assistants" });
  const inboxes = useInboxes();
  if (inboxes.isPending) return <Soon />;
  return (
    <Loaded of={inboxes}>
      {(all) => (
        <AssistantsPage
          shown={shown}
          inboxes={all}
          onShow={(next) => void navigate({ to: "/assistants", search: next })}
        />
      )}
    </Loaded>
  );
}
