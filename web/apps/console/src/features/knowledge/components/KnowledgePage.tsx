import { Button, Input } from "antd";
import { ArrowLeft } from "lucide-react";
import { useEffect } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Page } from "../../../shared/ui/Page";
import { ArticleDrawer } from "./ArticleDrawer";
import { ArticleTable } from "./ArticleTable";
import styles from "./Knowledge.module.css";
import { PassageDrawer } from "./PassageDrawer";
import { SearchResult } from "./SearchResult";

export interface Shown {
  readonly q?: string;
  readonly article?: string;
  readonly passage?: string;
}

interface Props {
  readonly question: string;
  readonly article: string;
  readonly passage: string;
  readonly onShow: (shown: Shown) => void;
}

export function KnowledgePage({ question, article, passage, onShow }: Props) {
  const t = useT();
  const q = question ? { q: question } : {};
  useEffect(() => {
    document.title = `${t("nav.knowledge")} · ${t("app.name")}`;
  }, [t]);
  return (
    <Page title={t("nav.knowledge")} about={t("knowledge.about")}>
      <div className={styles.search}>
        <Input.Search
          key={question}
          defaultValue={question}
          size="large"
          aria-label={t("knowledge.ask")}
          placeholder={t("knowledge.ask_hint")}
          enterButton={t("knowledge.try")}
          onSearch={(text) => onShow(text.trim() ? { q: text.trim() } : {})}
        />
      </div>
      {question && (
        <p>
          <Button
            className={styles.back ?? ""}
            type="link"
            icon={<ArrowLeft size={14} strokeWidth={1.5} />}
            onClick={() => onShow({})}
          >
            {t("knowledge.all")}
          </Button>
        </p>
      )}
      {question ? (
        <SearchResult question={question} onPassage={(id) => onShow({ ...q, passage: id })} />
      ) : (
        <ArticleTable onArticle={(id) => onShow({ article: id })} />
      )}
      {article && <ArticleDrawer id={article} onClose={() => onShow(q)} />}
      {passage && <PassageDrawer chunkId={passage} onClose={() => onShow(q)} />}
    </Page>
  );
}
