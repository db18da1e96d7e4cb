import { Input } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { Empty } from "../../../shared/ui/Empty";
import styles from "./Knowledge.module.css";
import { SearchResult } from "./SearchResult";

interface Props {
  readonly question: string;
  readonly onAsk: (question: string) => void;
  readonly onPassage: (chunkId: string) => void;
}

/** A question as a visitor would ask it, and what the assistant would be given for it. */
export function TestSearch({ question, onAsk, onPassage }: Props) {
  const t = useT();
  return (
    <>
      <div className={styles.search}>
        <Input.Search
          key={question}
          defaultValue={question}
          size="large"
          maxLength={2000}
          aria-label={t("knowledge.ask")}
          placeholder={t("knowledge.ask_hint")}
          enterButton={t("knowledge.try")}
          onSearch={(text) => onAsk(text.trim())}
        />
      </div>
      {question ? (
        <SearchResult question={question} onPassage={onPassage} />
      ) : (
        <Empty title={t("search.empty")} hint={t("search.empty_hint")} />
      )}
    </>
  );
}
