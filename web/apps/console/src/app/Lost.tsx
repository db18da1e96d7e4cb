import { useT } from "../shared/i18n/i18n";
import { Empty } from "../shared/ui/Empty";

export function Lost() {
  const t = useT();
  return <Empty title={t("lost.title")} hint={t("lost.hint")} />;
}
