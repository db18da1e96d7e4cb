import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox } from "antd";
import { useState } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useGoverns } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Lead } from "../../../shared/ui/Lead";
import { Loaded } from "../../../shared/ui/Loaded";
import opens from "../../../shared/ui/Opens.module.css";
import { Rows } from "../../../shared/ui/Rows";
import { listArticleIds } from "../api/knowledge";
import { type Draft, publish } from "../api/writing";
import { fateOf, fateTones } from "../model/drafts";
import { published, useDrafts } from "../model/useDrafts";
import styles from "./Writing.module.css";

interface Props {
  readonly onEdit: (id: string) => void;
  readonly onVersions: () => void;
}

/** What was written and waits: what a publication will change, and the publication. */
export function Publication({ onEdit, onVersions }: Props) {
  const t = useT();
  const drafts = useDrafts();
  return (
    <Loaded of={drafts}>
      {(waiting) =>
        waiting.length === 0 ? (
          <Empty title={t("drafts.empty")} hint={t("drafts.empty_hint")}>
            <Button onClick={() => onEdit("new")}>{t("article.write")}</Button>
          </Empty>
        ) : (
          <Waiting drafts={waiting} onEdit={onEdit} onVersions={onVersions} />
        )
      }
    </Loaded>
  );
}

function Waiting({ drafts, onEdit, onVersions }: { readonly drafts: readonly Draft[] } & Props) {
  const t = useT();
  const governs = useGoverns();
  const { locale } = useStore(prefs);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const served = useQuery({ queryKey: ["articles", "ids"], queryFn: ({ signal }) => listArticleIds(signal) });
  const ids = new Set(served.data ?? []);
  const chosen = drafts.filter((one) => !left.has(one.article_id));
  const done = useAct(() => publish(chosen.map((one) => one.article_id)), {
    refreshes: published,
    onDone: onVersions,
  });
  const flip = (id: string) => {
    const next = new Set(left);
    if (!next.delete(id)) next.add(id);
    setLeft(next);
  };
  return (
    <>
      <Lead about={t(governs ? "drafts.about" : "drafts.about_agent")}>
        {governs && (
          <Button
            type="primary"
            disabled={chosen.length === 0}
            loading={done.isPending}
            onClick={() => done.mutate()}
          >
            {t("drafts.publish", { count: chosen.length })}
          </Button>
        )}
      </Lead>
      <Rows>
        {drafts.map((one) => {
          const fate = fateOf(one, ids);
          return (
            <li key={one.article_id} className={styles.row}>
              {governs && (
                <Checkbox
                  checked={!left.has(one.article_id)}
                  aria-label={t("drafts.choose", { title: one.title })}
                  onChange={() => flip(one.article_id)}
                />
              )}
              <div className={styles.words}>
                <button type="button" className={opens.button} onClick={() => onEdit(one.article_id)}>
                  {one.title}
                </button>
                <p className={styles.about}>{one.text.replace(/\s+/g, " ").slice(0, 160)}</p>
              </div>
              <Chip tone={fateTones[fate]} beside>
                {t(`drafts.${fate}`)}
              </Chip>
              <time className={styles.about}>{stamp(toMs(one.updated_at), Date.now(), locale)}</time>
            </li>
          );
        })}
      </Rows>
    </>
  );
}
