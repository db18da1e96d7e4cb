import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Empty } from "../../../shared/ui/Empty";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { Lead } from "../../../shared/ui/Lead";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { deleteReply, listReplies, type Reply, saveReply } from "../api/desk";
import styles from "./Settings.module.css";

const blank: Reply = { id: "", short_code: "", text: "" };

/** What is said again and again, typed as `/` and a word. */
export function Replies() {
  const t = useT();
  const [open, setOpen] = useState<Reply | null>(null);
  const replies = useQuery({ queryKey: ["replies"], queryFn: ({ signal }) => listReplies(signal) });
  return (
    <Loaded of={replies}>
      {(all) => (
        <>
          <Lead about={t("replies.about")}>
            <Button type="primary" onClick={() => setOpen(blank)}>
              {t("replies.make")}
            </Button>
          </Lead>
          {all.length === 0 ? (
            <Empty title={t("replies.empty")} hint={t("replies.empty_hint")} />
          ) : (
            <Rows>
              {all.map((one) => (
                <ReplyRow key={one.id} reply={one} onOpen={() => setOpen(one)} />
              ))}
            </Rows>
          )}
          {open && <ReplyForm reply={open} onClose={() => setOpen(null)} />}
        </>
      )}
    </Loaded>
  );
}

function ReplyRow({ reply, onOpen }: { readonly reply: Reply; readonly onOpen: () => void }) {
  const t = useT();
  const gone = useAct(() => deleteReply(reply.id), { refreshes: [["replies"]] });
  return (
    <li className={`${styles.card} ${styles.key}`}>
      <div>
        <h2>
          <code>/{reply.short_code}</code>
        </h2>
        <p className={styles.about}>{reply.text}</p>
      </div>
      <span className={styles.acts}>
        <Button onClick={onOpen}>{t("replies.change")}</Button>
        <Button danger loading={gone.isPending} onClick={() => gone.mutate()}>
          {t("replies.delete")}
        </Button>
      </span>
    </li>
  );
}

function ReplyForm({ reply, onClose }: { readonly reply: Reply; readonly onClose: () => void }) {
  const t = useT();
  const [code, setCode] = useState(reply.short_code);
  const [text, setText] = useState(reply.text);
  const short = code.trim().replace(/^\//, "");
  const saved = useAct(() => saveReply(reply.id, { short_code: short, text }), {
    refreshes: [["replies"]],
    onDone: onClose,
  });
  const title = t(reply.id ? "replies.change" : "replies.make");
  return (
    <FormDialog
      title={title}
      ready={/^[^\s/]+$/.test(short) && text.trim() !== ""}
      saving={saved.isPending}
      onSend={() => saved.mutate()}
      onClose={onClose}
    >
      <Field label={t("replies.code")} hint={t("replies.code_hint")}>
        {(id) => (
          <Input
            id={id}
            prefix="/"
            value={code}
            maxLength={40}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("replies.text")}>
        {(id) => (
          <Input.TextArea
            id={id}
            value={text}
            maxLength={4000}
            autoSize={{ minRows: 3, maxRows: 12 }}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
