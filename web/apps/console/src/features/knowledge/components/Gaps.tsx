import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useGoverns } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { answerGap, dismissGap, type Gap, listGaps } from "../api/writing";
import styles from "./Writing.module.css";

interface Props {
  readonly onEdit: (id: string) => void;
}

/** What visitors asked and nobody answered, the most asked first; one answer makes a draft of it. */
export function Gaps({ onEdit }: Props) {
  const t = useT();
  const gaps = useQuery({ queryKey: ["gaps"], queryFn: ({ signal }) => listGaps(signal) });
  return (
    <Loaded of={gaps}>
      {(found) =>
        found.length === 0 ? (
          <Empty title={t("gaps.empty")} hint={t("gaps.empty_hint")} />
        ) : (
          <Rows>
            {found.map((one) => (
              <GapRow key={one.id} gap={one} onEdit={onEdit} />
            ))}
          </Rows>
        )
      }
    </Loaded>
  );
}

function GapRow({ gap, onEdit }: { readonly gap: Gap } & Props) {
  const t = useT();
  const governs = useGoverns();
  const { locale } = useStore(prefs);
  const [answering, setAnswering] = useState(false);
  const [text, setText] = useState("");
  const refreshes = [["gaps"], ["drafts"]];
  const drafted = useAct(() => answerGap(gap.id, text), {
    refreshes,
    onDone: (draft) => onEdit(draft.article_id),
  });
  const dismissed = useAct(() => dismissGap(gap.id), { refreshes });
  return (
    <li className={styles.row}>
      <strong className={styles.number}>{t("gaps.count", { count: gap.count })}</strong>
      <div className={styles.words}>
        <strong>{gap.title}</strong>
        <p className={styles.about}>{gap.questions.filter((one) => one !== gap.title).join(" · ")}</p>
        {answering && (
          <form
            className={styles.answer}
            onSubmit={(event) => {
              event.preventDefault();
              drafted.mutate();
            }}
          >
            <Field label={t("gaps.answer")}>
              {(id) => (
                <Input.TextArea
                  id={id}
                  autoFocus
                  value={text}
                  autoSize={{ minRows: 3, maxRows: 12 }}
                  onChange={(event) => setText(event.target.value)}
                />
              )}
            </Field>
            <Button type="primary" htmlType="submit" disabled={!text.trim()} loading={drafted.isPending}>
              {t("gaps.draft")}
            </Button>
          </form>
        )}
      </div>
      <time className={styles.about}>{stamp(toMs(gap.last_at), Date.now(), locale)}</time>
      <span className={styles.acts}>
        {!answering && <Button onClick={() => setAnswering(true)}>{t("gaps.write")}</Button>}
        {governs && (
          <Button type="text" loading={dismissed.isPending} onClick={() => dismissed.mutate()}>
            {t("gaps.dismiss")}
          </Button>
        )}
      </span>
    </li>
  );
}
