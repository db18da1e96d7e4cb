import { useQuery } from "@tanstack/react-query";
import { CheckCheck } from "lucide-react";
import { useT } from "../../../shared/i18n/i18n";
import { getSeen } from "../api/translation";
import styles from "./Translation.module.css";

interface Said {
  readonly seq: number;
  readonly kind: string;
  readonly sender: { readonly kind: string };
}

const everyMs = 5000;

/** Below the last words of ours: that the visitor has looked at them. Asked for only as long as they have not. */
export function SeenByVisitor({ id, messages }: { readonly id: string; readonly messages: readonly Said[] }) {
  const t = useT();
  const last = messages.findLast((one) => one.kind === "text" && one.sender.kind !== "system");
  const ours = last?.sender.kind === "agent" ? last.seq : 0;
  const seen = useQuery({
    queryKey: ["seen", id, ours],
    queryFn: ({ signal }) => getSeen(id, signal),
    enabled: ours > 0,
    refetchInterval: ({ state }) => ((state.data?.visitor ?? 0) >= ours ? false : everyMs),
  });
  if (ours === 0 || (seen.data?.visitor ?? 0) < ours) return null;
  return (
    <p className={styles.seen}>
      <CheckCheck size={14} strokeWidth={1.5} aria-hidden="true" /> {t("thread.seen")}
    </p>
  );
}
