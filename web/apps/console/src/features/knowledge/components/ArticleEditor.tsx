import { ApiError } from "@miaohui/client";
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Popconfirm, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import { prefs } from "../../../shared/prefs/prefs";
import { useGoverns } from "../../../shared/session/session";
import { Failure } from "../../../shared/ui/Failure";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import { getArticle } from "../api/knowledge";
import { discardDraft, listDrafts, removeArticle, saveDraft, type Written } from "../api/writing";
import { blank, writtenOf } from "../model/drafts";
import { ArticleFields } from "./ArticleFields";
import styles from "./Editor.module.css";

interface Props {
  /** `new` for one that is not there yet. */
  readonly id: string;
  readonly onClose: () => void;
}

interface Standing {
  readonly words: Written;
  readonly served: boolean;
  readonly drafted: boolean;
}

/** Writes an article. Nothing of it is served before somebody publishes it. */
export function ArticleEditor({ id, onClose }: Props) {
  const t = useT();
  useFocusBack();
  const known = useQuery({
    queryKey: ["article", id, "writing"],
    queryFn: ({ signal }) => find(id === "new" ? "" : id, signal),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Drawer
      open
      title={t(id === "new" ? "article.write" : "article.edit")}
      onClose={onClose}
      size={820}
      closable={{ "aria-label": t("action.close") }}
    >
      {known.isPending && <Skeleton active />}
      {known.isError && <Failure error={known.error} retry={() => void known.refetch()} />}
      {known.data && <Form id={id === "new" ? "" : id} standing={known.data} onClose={onClose} />}
    </Drawer>
  );
}

function Form({
  id,
  standing,
  onClose,
}: { readonly id: string; readonly standing: Standing } & Pick<Props, "onClose">) {
  const t = useT();
  const governs = useGoverns();
  const [words, setWords] = useState(standing.words);
  const [view, setView] = useState<"write" | "read">("write");
  const refreshes = [["drafts"], ["gaps"]];
  const saved = useAct(() => saveDraft(id, words), { refreshes, onDone: onClose });
  const dropped = useAct(() => discardDraft(id), { refreshes, onDone: onClose });
  const removed = useAct(() => removeArticle(id), { refreshes, onDone: onClose });
  const ready = words.title.trim() !== "" && words.text.trim() !== "";
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        saved.mutate();
      }}
    >
      <Segmented
        value={view}
        onChange={setView}
        options={[
          { value: "write", label: t("article.as_written") },
          { value: "read", label: t("article.as_read") },
        ]}
      />
      {view === "write" ? (
        <ArticleFields words={words} onWords={setWords} />
      ) : (
        <article className={styles.preview}>
          <h2>{words.title}</h2>
          <Prose text={words.text} />
        </article>
      )}
      <footer className={styles.foot}>
        <Button type="primary" htmlType="submit" disabled={!ready} loading={saved.isPending}>
          {t("article.save")}
        </Button>
        <span className={styles.hint}>{t("article.save_hint")}</span>
        <span className={styles.end}>
          {governs && standing.drafted && (
            <Button loading={dropped.isPending} onClick={() => dropped.mutate()}>
              {t("article.discard")}
            </Button>
          )}
          {governs && standing.served && (
            <Popconfirm
              title={t("article.remove_title")}
              description={t("article.remove_hint")}
              okText={t("article.remove")}
              cancelText={t("action.cancel")}
              okButtonProps={{ danger: true }}
              onConfirm={() => removed.mutate()}
            >
              <Button danger loading={removed.isPending}>
                {t("article.remove")}
              </Button>
            </Popconfirm>
          )}
        </span>
      </footer>
    </form>
  );
}

/** As it was last written, else as it is served. */
async function find(id: string, signal: AbortSignal): Promise<Standing> {
  if (!id) return { words: { ...blank, locale: prefs.get().locale }, served: false, drafted: false };
  const draft = (await listDrafts(signal)).find((one) => one.article_id === id);
  const served = await getArticle(id, signal).catch((error) => {
    if (draft && error instanceof ApiError && error.status === 404) return null;
    throw error;
  });
  const words = writtenOf(draft && !draft.removed ? draft : (served ?? draft ?? blank));
  return { words, served: served !== null, drafted: draft !== undefined };
}
