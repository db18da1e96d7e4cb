import { ApiError } from "@miaohui/client";
import { useQuery } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { CopyText } from "../../../shared/ui/CopyText";
import { Facts } from "../../../shared/ui/Facts";
import { Failure } from "../../../shared/ui/Failure";
import { getWeChat, type WeChat } from "../api/inboxes";
import type { Inbox } from "../api/settings";
import detail from "./Detail.module.css";
import styles from "./Settings.module.css";
import { WeChatForm } from "./WeChatForm";

/** The Official Account behind an inbox: what it is, what to enter at WeChat, and the way to change it. */
export function WeChatAccount({ inbox }: { readonly inbox: Inbox }) {
  const t = useT();
  const [changing, setChanging] = useState(false);
  const account = useQuery({
    queryKey: ["wechat", inbox.id],
    queryFn: ({ signal }) => getWeChat(inbox.id, signal).catch(noneYet),
  });
  if (account.isPending) return <Skeleton active />;
  if (account.isError) return <Failure error={account.error} retry={() => void account.refetch()} />;
  const callback = location.origin + (account.data?.callback ?? `/v1/channels/wechat/${inbox.id}`);
  return (
    <section className={detail.block} aria-labelledby="wechat">
      <h3 id="wechat">{t("wechat.title")}</h3>
      {account.data && !changing ? (
        <Standing account={account.data} onChange={() => setChanging(true)} />
      ) : (
        <WeChatForm inboxId={inbox.id} before={account.data} onDone={() => setChanging(false)} />
      )}
      <h3>{t("wechat.callback")}</h3>
      <p className={styles.about}>{t("wechat.callback_about")}</p>
      <CopyText text={callback} />
    </section>
  );
}

function Standing({ account, onChange }: { readonly account: WeChat; readonly onChange: () => void }) {
  const t = useT();
  const facts = [
    ["AppID", account.app_id],
    ["AppSecret", account.app_secret_hint ? `••••${account.app_secret_hint}` : t("wechat.none")],
    [t("wechat.mode"), t(`wechat.mode.${account.mode}`)],
    [t("wechat.can_send"), t(account.can_send ? "yes" : "no")],
    [t("wechat.welcome"), account.welcome || t("wechat.none")],
  ] as const;
  return (
    <>
      <Facts className={detail.facts} of={facts} />
      <Button onClick={onChange}>{t("wechat.change")}</Button>
    </>
  );
}

/** No account is a state of its own here, and no fault. */
function noneYet(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}
