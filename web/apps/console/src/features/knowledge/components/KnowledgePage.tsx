import { Button } from "antd";
import { FileUp, PenLine } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { useGoverns } from "../../../shared/session/session";
import { Page } from "../../../shared/ui/Page";
import { Tabs } from "../../../shared/ui/Tabs";
import { useDrafts } from "../model/useDrafts";
import { ArticleDrawer } from "./ArticleDrawer";
import { ArticleTable } from "./ArticleTable";
import styles from "./Knowledge.module.css";
import { PassageDrawer } from "./PassageDrawer";
import { TestSearch } from "./TestSearch";

const ArticleEditor = lazy(async () => ({ default: (await import("./ArticleEditor")).ArticleEditor }));
const Import = lazy(async () => ({ default: (await import("./Import")).Import }));
const Publication = lazy(async () => ({ default: (await import("./Publication")).Publication }));
const Versions = lazy(async () => ({ default: (await import("./Versions")).Versions }));
const Health = lazy(async () => ({ default: (await import("./Health")).Health }));
const Gaps = lazy(async () => ({ default: (await import("./Gaps")).Gaps }));

/** What is open, as it stands in the address. */
export interface Shown {
  readonly tab?: string | undefined;
  readonly q?: string | undefined;
  readonly article?: string | undefined;
  readonly passage?: string | undefined;
  /** The article that is being written, or `new`. */
  readonly edit?: string | undefined;
  readonly version?: string | undefined;
}

interface Props {
  readonly shown: Shown;
  readonly onShow: (shown: Shown) => void;
}

export function KnowledgePage({ shown, onShow }: Props) {
  const t = useT();
  const governs = useGoverns();
  const [importing, setImporting] = useState(false);
  const drafts = useDrafts();
  const count = drafts.data?.length ?? 0;
  useEffect(() => {
    document.title = `${t("nav.knowledge")} · ${t("app.name")}`;
  }, [t]);
  const here: Shown = { tab: shown.tab, q: shown.q, version: shown.version };
  const edit = (id: string) => onShow({ ...here, edit: id });
  const tabs = [
    {
      key: "articles",
      label: t("knowledge.articles"),
      children: <ArticleTable onArticle={(id) => onShow({ ...here, article: id })} />,
    },
    {
      key: "try",
      label: t("knowledge.ask"),
      children: (
        <TestSearch
          question={shown.q ?? ""}
          onAsk={(q) => onShow({ tab: "try", q: q || undefined })}
          onPassage={(id) => onShow({ ...here, passage: id })}
        />
      ),
    },
    {
      key: "drafts",
      label: count > 0 ? t("knowledge.drafts_count", { count }) : t("knowledge.drafts"),
      children: <Publication onEdit={edit} onVersions={() => onShow({ tab: "versions" })} />,
    },
    { key: "gaps", label: t("knowledge.gaps"), children: <Gaps onEdit={edit} /> },
    { key: "health", label: t("knowledge.health"), children: <Health onEdit={edit} /> },
    {
      key: "versions",
      label: t("knowledge.versions"),
      children: (
        <Versions
          open={Number(shown.version ?? 0)}
          onOpen={(version) => onShow({ tab: "versions", version: version ? String(version) : undefined })}
        />
      ),
    },
  ];
  const asked = shown.tab ?? (shown.q ? "try" : "articles");
  return (
    <Page
      title={t("nav.knowledge")}
      about={t("knowledge.about")}
      action={
        <div className={styles.acts}>
          {governs && (
            <Button icon={<FileUp size={16} strokeWidth={1.5} />} onClick={() => setImporting(true)}>
              {t("import.open")}
            </Button>
          )}
          <Button type="primary" icon={<PenLine size={16} strokeWidth={1.5} />} onClick={() => edit("new")}>
            {t("article.write")}
          </Button>
        </div>
      }
    >
      <Suspense>
        <Tabs label={t("nav.knowledge")} tabs={tabs} current={asked} onChange={(tab) => onShow({ tab })} />
      </Suspense>
      <Suspense>
        {shown.article && (
          <ArticleDrawer
            id={shown.article}
            onClose={() => onShow(here)}
            onEdit={() => edit(shown.article ?? "")}
          />
        )}
        {shown.passage && <PassageDrawer chunkId={shown.passage} onClose={() => onShow(here)} />}
        {shown.edit && <ArticleEditor key={shown.edit} id={shown.edit} onClose={() => onShow(here)} />}
        {importing && <Import onClose={() => setImporting(false)} />}
      </Suspense>
    </Page>
  );
}
