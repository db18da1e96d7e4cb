import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { dayAndTime, stamp, toMs } from "../../../shared/format/time";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { plain } from "../../../shared/markup/plain";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Facts } from "../../../shared/ui/Facts";
import { listOfContact } from "../api/conversations";
import { blockContact, type Contact } from "../api/desk";
import type { Conversation } from "../model/conversation";
import { MergeContact } from "./MergeContact";
import styles from "./SidePanel.module.css";

const SendTranscript = lazy(async () => ({ default: (await import("./SendTranscript")).SendTranscript }));

/** What is known of the contact, and what may be done about them. */
export function ContactCard({
  contact,
  current,
}: {
  readonly contact: Contact;
  readonly current: Conversation;
}) {
  const t = useT();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { locale } = useStore(prefs);
  const [asked, setAsked] = useState<"" | "merge" | "transcript">("");
  const close = () => setAsked("");
  const again = () => client.invalidateQueries({ queryKey: ["summary"] });
  const block = useMutation({
    mutationFn: () => blockContact(contact.id, !contact.blocked),
    onSuccess: again,
    onError: (error) => void message.error(plainWords(error)),
  });
  const facts: readonly (readonly [string, string])[] = [
    ...(contact.verified ? [[t("contact.verified"), contact.external_id] as const] : []),
    ...Object.entries(contact.attributes),
    [t("contact.since"), dayAndTime(toMs(contact.created_at), locale)],
  ];
  return (
    <section aria-label={t("contact.label")}>
      {contact.blocked && <p className={styles.blocked}>{t("contact.blocked")}</p>}
      <Facts className={styles.facts} of={facts} />
      <div className={styles.acts}>
        <Button size="small" onClick={() => setAsked("merge")}>
          {t(contact.also.length > 0 ? "contact.merged" : "contact.merge", { count: contact.also.length })}
        </Button>
        <Button size="small" onClick={() => setAsked("transcript")}>
          {t("transcript.send")}
        </Button>
        <Button
          size="small"
          danger={!contact.blocked}
          loading={block.isPending}
          onClick={() => block.mutate()}
        >
          {t(contact.blocked ? "contact.unblock" : "contact.block")}
        </Button>
      </div>
      <Earlier contactId={contact.id} current={current} />
      {asked === "merge" && <MergeContact contact={contact} onClose={close} onDone={again} />}
      <Suspense>
        {asked === "transcript" && (
          <SendTranscript
            conversationId={current.id}
            address={contact.attributes.email ?? ""}
            onClose={close}
          />
        )}
      </Suspense>
    </section>
  );
}

function Earlier({ contactId, current }: { readonly contactId: string; readonly current: Conversation }) {
  const t = useT();
  const { locale } = useStore(prefs);
  const list = useQuery({
    queryKey: ["contact", contactId, "conversations"],
    queryFn: ({ signal }) => listOfContact(contactId, signal),
  });
  const others = (list.data ?? []).filter((one) => one.id !== current.id);
  if (others.length === 0) return null;
  return (
    <>
      <h2 className={styles.heading}>{t("contact.earlier", { count: others.length })}</h2>
      <ul className={styles.earlier}>
        {others.map((one) => (
          <li key={one.id}>
            <Link
              to="/conversations/$conversationId"
              params={{ conversationId: one.id }}
              search={{ status: one.status }}
              preload={false}
            >
              <span>{plain(one.preview) || t("list.nothing_said")}</span>
              <time>{stamp(one.updatedAt, Date.now(), locale)}</time>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
