import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { request } from "../http/request";

export type Presence = "online" | "away" | "offline";

/** Somebody at the desk, as colleagues see them. */
export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly presence: Presence;
  /** Conversations at a time. */
  readonly capacity: number;
  readonly load: number;
  readonly skills: readonly string[];
  readonly languages: readonly string[];
  readonly teams: readonly string[];
}

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly members: readonly string[];
}

export function useAgents() {
  return useQuery({
    queryKey: ["agents"],
    queryFn: async ({ signal }) =>
      (await request<{ data: readonly Agent[] }>("/v1/desk/agents", { signal })).data,
  });
}

export function useTeams() {
  return useQuery({
    queryKey: ["teams"],
    queryFn: async ({ signal }) =>
      (await request<{ data: readonly Team[] }>("/v1/desk/teams", { signal })).data,
  });
}

/** What a colleague is called; "" for nobody, and for who is not known here yet. */
export function useAgentName(): (id: string) => string {
  const { data } = useAgents();
  return useCallback((id) => data?.find((one) => one.id === id)?.name ?? "", [data]);
}
