import { Button } from "antd";
import { plainWords } from "../http/problem";
import { useT } from "../i18n/i18n";
import { Empty } from "./Empty";

/** What went wrong in plain words, and the way to try again. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  const t = useT();
  return (
    <div role="alert">
      <Empty title={t("failure.title")} hint={plainWords(error)}>
        <Button onClick={retry}>{t("action.retry")}</Button>
      </Empty>
    </div>
  );
}
