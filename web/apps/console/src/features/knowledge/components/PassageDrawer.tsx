import { useQuery } from "@tanstack/react-query";
import { Drawer, Skeleton } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { Prose } from "../../../shared/markup/Prose";
import { place } from "../../../shared/markup/plain";
import { Failure } from "../../../shared/ui/Failure";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import { getPassage } from "../api/knowledge";
import styles from "./Knowledge.module.css";

interface Props {
  readonly chunkId: string;
  readonly onClose: () => void;
}

/** The passage that an answer rests on. */
export function PassageDrawer({ chunkId, onClose }: Props) {
  const t = useT();
  useFocusBack();
  const passage = useQuery({
    queryKey: ["passage", chunkId],
    queryFn: ({ signal }) => getPassage(chunkId, signal),
  });
  return (
    <Drawer
      open
      title={t("passage.title")}
      onClose={onClose}
      size={480}
      closable={{ "aria-label": t("action.close") }}
    >
      {passage.isPending && <Skeleton active />}
      {passage.isError && <Failure error={passage.error} retry={() => void passage.refetch()} />}
      {passage.data && (
        <article className={styles.reading}>
          <h2>{passage.data.title}</h2>
          <p className={styles.heading}>{place(passage.data.title, passage.data.heading)}</p>
          <Prose text={passage.data.text} />
        </article>
      )}
    </Drawer>
  );
}
