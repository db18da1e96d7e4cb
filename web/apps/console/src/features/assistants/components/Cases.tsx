import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import opens from "../../../shared/ui/Opens.module.css";
import { Rows } from "../../../shared/ui/Rows";
import { type Case, dropCase, listCases, tryCase } from "../api/cases";
import styles from "./Assistants.module.css";

/** Corrections that are kept: each can be asked again, to see whether it holds. */
export function Cases() {
  const t = useT();
  const list = useInfiniteQuery({
    queryKey: ["cases"],
    queryFn: ({ pageParam, signal }) => listCases(pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
  const [trying, setTrying] = useState(0);
  const tried = useAct(
    async (cases: readonly Case[]) => {
      // One after the other: each asks an engine.
      for (const [place, one] of cases.entries()) {
        setTrying(place + 1);
        await tryCase(one.id);
      }
    },
    { refreshes: [["cases"]] },
  );
  if (list.isPending) return <Skeleton active />;
  if (list.isError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const cases = list.data.pages.flatMap((page) => page.data);
  if (cases.length === 0) return <Empty title={t("cases.empty")} hint={t("cases.empty_hint")} />;
  return (
    <>
      <div className={styles.bar}>
        <p className={styles.about}>{t("cases.about")}</p>
        <Button type="primary" loading={tried.isPending} onClick={() => tried.mutate(cases)}>
          {tried.isPending ? `${trying} / ${cases.length}` : t("cases.try_all", { count: cases.length })}
        </Button>
      </div>
      <Rows>
        {cases.map((one) => (
          <CaseRow key={one.id} kept={one} />
        ))}
      </Rows>
      {list.hasNextPage && (
        <p>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </p>
      )}
    </>
  );
}

const tones = { held: "jade", broke: "red", new: "quiet" } as const;

function CaseRow({ kept }: { readonly kept: Case }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const tried = useAct(() => tryCase(kept.id), { refreshes: [["cases"]] });
  const dropped = useAct(() => dropCase(kept.id), { refreshes: [["cases"]] });
  const state = kept.outcome === "held" || kept.outcome === "broke" ? kept.outcome : "new";
  return (
    <li className={styles.row}>
      <div>
        <h2>
          <Link
            to="/conversations/$conversationId"
            params={{ conversationId: kept.conversation_id }}
            search={{ turn: kept.turn_id }}
            className={opens.link ?? ""}
            preload={false}
          >
            {kept.question}
          </Link>
        </h2>
        <p>{t("cases.wanted", { words: kept.wanted })}</p>
        {kept.answer && <p>{t("cases.said", { words: kept.answer })}</p>}
      </div>
      <span>
        <Chip tone={tones[state]}>
          {t(`cases.${state}`)}
          {kept.tried_at && ` · ${stamp(toMs(kept.tried_at), Date.now(), locale)}`}
        </Chip>
      </span>
      <span className={styles.acts}>
        <Button loading={tried.isPending} onClick={() => tried.mutate()}>
          {t("tools.try")}
        </Button>
        <Button type="text" loading={dropped.isPending} onClick={() => dropped.mutate()}>
          {t("cases.drop")}
        </Button>
      </span>
    </li>
  );
}
