import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { stamp, toMs } from "../../../shared/format/time";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import opens from "../../../shared/ui/Opens.module.css";
import { listArticles } from "../api/knowledge";
import { useDrafts } from "../model/useDrafts";
import styles from "./Knowledge.module.css";

export function ArticleTable({ onArticle }: { readonly onArticle: (id: string) => void }) {
  const t = useT();
  const drafts = useDrafts();
  const drafted = new Set(drafts.data?.map((one) => one.article_id));
  const { locale } = useStore(prefs);
  const list = useInfiniteQuery({
    queryKey: ["articles"],
    queryFn: ({ pageParam, signal }) => listArticles(pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
  if (list.isPending) return <Skeleton active paragraph={{ rows: 8 }} />;
  if (list.isError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const articles = list.data.pages.flatMap((page) => page.data);
  if (articles.length === 0) return <Empty title={t("articles.empty")} hint={t("articles.empty_hint")} />;
  return (
    <>
      <table className={styles.table}>
        <caption className="visually-hidden">{t("articles.label")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("articles.title")}</th>
            <th scope="col" className={styles.wide}>
              {t("articles.tags")}
            </th>
            <th scope="col">{t("articles.locale")}</th>
            <th scope="col">{t("articles.updated")}</th>
          </tr>
        </thead>
        <tbody>
          {articles.map((one) => (
            <tr key={one.id}>
              <td>
                <button type="button" className={opens.button} onClick={() => onArticle(one.id)}>
                  {one.title}
                </button>
                {drafted.has(one.id) && (
                  <Chip tone="amber" beside>
                    {t("articles.drafted")}
                  </Chip>
                )}
              </td>
              <td className={styles.wide}>{one.tags.join(" · ")}</td>
              <td>{one.locale === "en" ? "English" : "中文"}</td>
              <td>{stamp(toMs(one.updated_at), Date.now(), locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.hasNextPage && (
        <p className={styles.more}>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </p>
      )}
    </>
  );
}
