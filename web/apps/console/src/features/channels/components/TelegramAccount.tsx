import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { CopyText } from "../../../shared/ui/CopyText";
import { Facts } from "../../../shared/ui/Facts";
import { Loaded } from "../../../shared/ui/Loaded";
import { getTelegram, setTelegram, type Telegram } from "../api/channels";
import { faultsOfToken } from "../model/entries";
import { AccountForm } from "./AccountForm";
import styles from "./Channels.module.css";
import { Entry } from "./Entry";
import { useAccount, useSaving } from "./useAccount";

/** A token from @BotFather is all that Telegram wants; the rest is done with it. */
export function TelegramAccount({ inboxId }: { readonly inboxId: string }) {
  const t = useT();
  const account = useAccount("telegram", inboxId, getTelegram);
  return (
    <section className={styles.block} aria-labelledby="account">
      <h3 id="account">{t("telegram.title")}</h3>
      <p className={styles.about}>{t("telegram.about")}</p>
      <Loaded of={account} rows={2}>
        {(found) => <Token inboxId={inboxId} before={found} />}
      </Loaded>
    </section>
  );
}

function Token({ inboxId, before }: { readonly inboxId: string; readonly before: Telegram | null }) {
  const t = useT();
  const [token, setToken] = useState("");
  const saving = useSaving({
    kind: "telegram",
    inboxId,
    save: () => setTelegram(inboxId, token),
    onDone: () => setToken(""),
  });
  const again = before !== null && token === "";
  return (
    <>
      <AccountForm
        of={saving}
        faults={() => faultsOfToken(token, before !== null)}
        act={t(again ? "telegram.again" : "door.save")}
      >
        {before && <Facts className={styles.facts} of={[[t("telegram.number"), before.number]]} />}
        <Entry
          label="Token"
          secret
          value={token}
          hint={before ? t("door.keep") : t("telegram.token_hint")}
          wrong={saving.faults.has("token")}
          onValue={setToken}
        />
      </AccountForm>
      {before && (
        <div className={styles.callback}>
          <p className={styles.about}>{t("telegram.callback_about")}</p>
          <CopyText text={location.origin + before.callback} />
        </div>
      )}
    </>
  );
}
