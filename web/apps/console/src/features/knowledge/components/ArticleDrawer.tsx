import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Skeleton } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import { Failure } from "../../../shared/ui/Failure";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import { getArticle } from "../api/knowledge";
import styles from "./Knowledge.module.css";

interface Props {
  readonly id: string;
  readonly onClose: () => void;
  readonly onEdit: () => void;
}

export function ArticleDrawer({ id, onClose, onEdit }: Props) {
  const t = useT();
  useFocusBack();
  const article = useQuery({ queryKey: ["article", id], queryFn: ({ signal }) => getArticle(id, signal) });
  const questions = article.data?.questions ?? [];
  return (
    <Drawer
      open
      title={t("article.title")}
      onClose={onClose}
      size={640}
      closable={{ "aria-label": t("action.close") }}
      extra={<Button onClick={onEdit}>{t("article.edit")}</Button>}
    >
      {article.isPending && <Skeleton active />}
      {article.isError && <Failure error={article.error} retry={() => void article.refetch()} />}
      {article.data && (
        <article className={styles.reading}>
          <h2>{article.data.title}</h2>
          {article.data.source && <p className={styles.heading}>{article.data.source}</p>}
          <Prose text={article.data.text} />
          {questions.length > 0 && (
            <>
              <h3>{t("article.questions")}</h3>
              <ul>
                {questions.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </>
          )}
        </article>
      )}
    </Drawer>
  );
}
