import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, X } from "lucide-react";
import { stamp, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { IconButton } from "../../../shared/ui/IconButton";
import { confirmFact, type Fact, forgetFact, listFacts } from "../api/contacts";
import styles from "./Contacts.module.css";

interface Props {
  readonly contactId: string;
  /** What stands there when nothing is remembered; left out, nothing does. */
  readonly empty?: string;
}

/** What the assistant remembers of a contact: each can be confirmed, or forgotten for good. */
export function Recollections({ contactId, empty }: Props) {
  const t = useT();
  const facts = useQuery({
    queryKey: ["facts", contactId],
    queryFn: ({ signal }) => listFacts(contactId, signal),
  });
  const found = facts.data ?? [];
  if (found.length === 0) return empty ? <p className={styles.about}>{facts.data ? empty : ""}</p> : null;
  return (
    <section aria-labelledby="recollections">
      <h2 id="recollections" className={styles.heading}>
        {t("facts.title", { count: found.length })}
      </h2>
      <ul className={styles.facts}>
        {found.map((one) => (
          <Recollection key={one.id} fact={one} />
        ))}
      </ul>
    </section>
  );
}

function Recollection({ fact }: { readonly fact: Fact }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const refreshes = [["facts"]];
  const confirmed = useAct(() => confirmFact(fact.id), { refreshes });
  const forgotten = useAct(() => forgetFact(fact.id), { refreshes });
  return (
    <li data-state={fact.state}>
      <div>
        <p>{fact.text}</p>
        <span className={styles.about}>
          {t(`facts.${fact.state}`)} ·{" "}
          <Link
            to="/conversations/$conversationId"
            params={{ conversationId: fact.conversation_id }}
            search={{}}
            preload={false}
          >
            {stamp(toMs(fact.said_at), Date.now(), locale)}
          </Link>
        </span>
      </div>
      {fact.state === "proposed" && (
        <IconButton icon={Check} name={t("facts.confirm")} onClick={() => confirmed.mutate()} />
      )}
      <IconButton icon={X} name={t("facts.forget")} onClick={() => forgotten.mutate()} />
    </li>
  );
}
