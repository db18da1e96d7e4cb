import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { InsightPage } from "../../features/insight/components/InsightPage";
import { choicesOf } from "../../features/insight/model/among";
import { channelName } from "../../features/settings/model/channels";
import { useInboxes } from "../../features/settings/model/inboxes";
import { useT } from "../../shared/i18n/i18n";
import { useAgents, useTeams } from "../../shared/people/agents";

export function InsightRoute() {
  const t = useT();
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/insight" });
  const { data: inboxes } = useInboxes();
  const { data: teams } = useTeams();
  const { data: agents } = useAgents();
  const choices = useMemo(
    () => choicesOf(inboxes ?? [], teams ?? [], agents ?? [], (channel) => channelName(channel, t)),
    [inboxes, teams, agents, t],
  );
  return (
    <InsightPage
      shown={search}
      choices={choices}
      onShow={(next) => void navigate({ to: "/insight", search: next })}
    />
  );
}
