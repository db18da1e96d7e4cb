import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm, Skeleton } from "antd";
import { useState } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { plainWords } from "../../../shared/http/problem";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Lead } from "../../../shared/ui/Lead";
import { Rows } from "../../../shared/ui/Rows";
import { type ApiKey, listKeys, revokeKey } from "../api/settings";
import { NewKey } from "./NewKey";
import styles from "./Settings.module.css";

export function Keys() {
  const t = useT();
  const [making, setMaking] = useState(false);
  const keys = useQuery({ queryKey: ["keys"], queryFn: ({ signal }) => listKeys(signal) });
  if (keys.isPending) return <Skeleton active />;
  if (keys.isError) return <Failure error={keys.error} retry={() => void keys.refetch()} />;
  return (
    <>
      <Lead about={t("keys.about")}>
        <Button type="primary" onClick={() => setMaking(true)}>
          {t("keys.make")}
        </Button>
      </Lead>
      {keys.data.length === 0 ? (
        <Empty title={t("keys.empty")} hint={t("keys.empty_hint")} />
      ) : (
        <Rows>
          {keys.data.map((one) => (
            <KeyRow key={one.id} apiKey={one} />
          ))}
        </Rows>
      )}
      {making && <NewKey onClose={() => setMaking(false)} />}
    </>
  );
}

function KeyRow({ apiKey }: { readonly apiKey: ApiKey }) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { locale } = useStore(prefs);
  const revoke = useMutation({
    mutationFn: () => revokeKey(apiKey.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
    onError: (error) => void message.error(plainWords(error)),
  });
  const used = toMs(apiKey.last_used_at);
  return (
    <li className={`${styles.card} ${styles.key}`}>
      <div>
        <h2>{apiKey.name}</h2>
        <p className={styles.about}>
          <code>{apiKey.hint}…</code> {apiKey.scopes.map((one) => named(t, one)).join(" · ")}
        </p>
      </div>
      <span className={styles.about}>
        {used > 0 ? t("keys.used", { time: stamp(used, Date.now(), locale) }) : t("keys.unused")}
      </span>
      <Popconfirm
        title={t("keys.revoke_title", { name: apiKey.name })}
        description={t("keys.revoke_hint")}
        okText={t("keys.revoke")}
        cancelText={t("action.cancel")}
        okButtonProps={{ danger: true }}
        onConfirm={() => revoke.mutate()}
      >
        <Button danger loading={revoke.isPending}>
          {t("keys.revoke")}
        </Button>
      </Popconfirm>
    </li>
  );
}

/** A right in words; one that is not known here by its own name. */
function named(t: ReturnType<typeof useT>, scope: string): string {
  const word = `scope.${scope}`;
  return hasWord(word) ? t(word) : scope;
}
