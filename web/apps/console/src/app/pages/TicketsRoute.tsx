import { useNavigate, useSearch } from "@tanstack/react-router";
import { TicketsPage } from "../../features/tickets/components/TicketsPage";
import type { Shown } from "../../features/tickets/model/tickets";

export function TicketsRoute() {
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/tickets" });
  const shown: Shown = { ...search, look: search.look === "board" ? "board" : undefined };
  return <TicketsPage shown={shown} onShow={(next) => void navigate({ to: "/tickets", search: next })} />;
}
