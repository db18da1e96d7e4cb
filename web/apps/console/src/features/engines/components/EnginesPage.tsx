import { useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { lazy, Suspense, useEffect, useMemo, useRef } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Page } from "../../../shared/ui/Page";
import { Tabs } from "../../../shared/ui/Tabs";
import { getBoard, listDays, listRoutes } from "../api/engines";
import { linesOf, traced } from "../model/board";
import { Board } from "./Board";
import { Costs } from "./Costs";
import { RouteForm } from "./RouteForm";

const everyMs = 5_000;

const Prices = lazy(async () => ({ default: (await import("./Prices")).Prices }));

interface Props {
  readonly tab: string;
  readonly onTab: (tab: string) => void;
  /** The route that is open, `new` for one to be made, or "". */
  readonly route: string;
  readonly onRoute: (name: string) => void;
}

/** The departure board: where answers come from, and whether they do. */
export function EnginesPage({ tab, route, onTab, onRoute }: Props) {
  const t = useT();
  useEffect(() => {
    document.title = `${t("nav.engines")} · ${t("app.name")}`;
  }, [t]);
  const routes = useQuery({ queryKey: ["engines", "routes"], queryFn: ({ signal }) => listRoutes(signal) });
  const board = useQuery({
    queryKey: ["engines", "board"],
    queryFn: ({ signal }) => getBoard(signal),
    refetchInterval: everyMs,
  });
  const days = useQuery({
    queryKey: ["engines", "days"],
    queryFn: ({ signal }) => listDays(30, signal),
    refetchInterval: 6 * everyMs,
  });
  const lines = useMemo(
    () =>
      linesOf(routes.data ?? [], board.data ?? [], days.data ?? [], new Date().toISOString().slice(0, 10)),
    [routes.data, board.data, days.data],
  );
  const traces = useTraces(lines, board.dataUpdatedAt);
  const failed = [routes, board].find((one) => one.isError);
  const chosen = routes.data?.find((one) => one.name === route);
  return (
    <Page
      title={t("nav.engines")}
      about={t("engines.about")}
      action={
        <Button type="primary" onClick={() => onRoute("new")}>
          {t("engines.make")}
        </Button>
      }
    >
      {failed && !routes.data && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {routes.isPending && <Skeleton active paragraph={{ rows: 6 }} />}
      {routes.data && (
        <Suspense>
          <Tabs
            label={t("nav.engines")}
            current={tab || "board"}
            onChange={(next) => onTab(next === "board" ? "" : next)}
            tabs={[
              {
                key: "board",
                label: t("prices.board"),
                children: (
                  <>
                    {lines.length === 0 ? (
                      <Empty title={t("engines.empty")} hint={t("engines.empty_hint")} />
                    ) : (
                      <Board lines={lines} traces={traces} onRoute={onRoute} />
                    )}
                    {days.data && days.data.length > 0 && <Costs days={days.data} />}
                  </>
                ),
              },
              {
                key: "prices",
                label: t("prices.title"),
                children: <Prices routes={routes.data} days={days.data ?? []} />,
              },
            ]}
          />
        </Suspense>
      )}
      {(chosen || route === "new") && (
        <RouteForm key={route} before={chosen ?? null} onClose={() => onRoute("")} />
      )}
    </Page>
  );
}

/** How the first words came while one looked, a point for each reading. */
function useTraces(
  lines: ReturnType<typeof linesOf>,
  readAt: number,
): ReadonlyMap<string, readonly number[]> {
  const kept = useRef({ readAt: 0, traces: new Map<string, readonly number[]>() });
  if (kept.current.readAt !== readAt) {
    const before = kept.current.traces;
    const traces = new Map(
      lines.map((one) => [one.route.name, traced(before.get(one.route.name) ?? [], one.p50)]),
    );
    kept.current = { readAt, traces };
  }
  return kept.current.traces;
}
