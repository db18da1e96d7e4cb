import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Input, Radio, Skeleton } from "antd";
import { useState } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { useAgentName } from "../../../shared/people/agents";
import { prefs } from "../../../shared/prefs/prefs";
import { useStore } from "../../../shared/store";
import { Empty } from "../../../shared/ui/Empty";
import { Failure } from "../../../shared/ui/Failure";
import { Field } from "../../../shared/ui/Field";
import inset from "../../../shared/ui/Inset.module.css";
import opens from "../../../shared/ui/Opens.module.css";
import { Rows } from "../../../shared/ui/Rows";
import bar from "../../../shared/ui/Toolbar.module.css";
import { listReviews, type Review, writeReview } from "../api/reviews";
import styles from "./Reviews.module.css";

/** Conversations drawn for a second look: a share of all, and every one that a visitor rated low. */
export function Reviews() {
  const t = useT();
  const [done, setDone] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ["reviews", done],
    queryFn: ({ pageParam, signal }) => listReviews(done, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
  const reviews = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <div className={bar.bar}>
        {[false, true].map((one) => (
          <button
            key={String(one)}
            type="button"
            className={bar.chip}
            aria-pressed={done === one}
            onClick={() => setDone(one)}
          >
            {t(one ? "reviews.done" : "reviews.open")}
          </button>
        ))}
      </div>
      {list.isPending && <Skeleton active />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data && reviews.length === 0 && (
        <Empty
          title={t(done ? "reviews.none" : "reviews.empty")}
          hint={t(done ? "reviews.none_hint" : "reviews.empty_hint")}
        />
      )}
      {reviews.length > 0 && (
        <Rows>
          {reviews.map((one) => (
            <ReviewRow key={one.conversation_id} review={one} />
          ))}
        </Rows>
      )}
      {list.hasNextPage && (
        <p>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </p>
      )}
    </>
  );
}

function ReviewRow({ review }: { readonly review: Review }) {
  const t = useT();
  const agentName = useAgentName();
  const { locale } = useStore(prefs);
  const [writing, setWriting] = useState(false);
  const word = `reviews.${review.why}`;
  return (
    <li className={styles.row}>
      <div>
        <Link
          to="/conversations/$conversationId"
          params={{ conversationId: review.conversation_id }}
          search={{}}
          className={`${opens.link} ${styles.link}`}
        >
          {review.person_id ? agentName(review.person_id) || t("who.agent") : t("who.assistant")}
        </Link>
        <p className={styles.about}>
          {hasWord(word) ? t(word) : review.why} · {stamp(toMs(review.sampled_at), Date.now(), locale)}
        </p>
        {review.note && <p>{review.note}</p>}
      </div>
      {review.score !== null && <strong>{t("reviews.score", { score: review.score })}</strong>}
      <Button aria-expanded={writing} onClick={() => setWriting(!writing)}>
        {t(review.score === null ? "reviews.write" : "reviews.again")}
      </Button>
      {writing && <ReviewForm review={review} onDone={() => setWriting(false)} />}
    </li>
  );
}

function ReviewForm({ review, onDone }: { readonly review: Review; readonly onDone: () => void }) {
  const t = useT();
  const [score, setScore] = useState(review.score ?? 0);
  const [note, setNote] = useState(review.note);
  const saved = useAct(() => writeReview(review.conversation_id, score, note), {
    refreshes: [["reviews"]],
    onDone,
  });
  return (
    <form
      className={`${inset.inset} ${styles.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        saved.mutate();
      }}
    >
      <fieldset className={styles.score}>
        <legend>{t("reviews.how")}</legend>
        <Radio.Group value={score} onChange={(event) => setScore(event.target.value as number)}>
          {[1, 2, 3, 4, 5].map((one) => (
            <Radio key={one} value={one}>
              {one}
            </Radio>
          ))}
        </Radio.Group>
      </fieldset>
      <Field label={t("reviews.note")}>
        {(id) => (
          <Input.TextArea
            id={id}
            value={note}
            maxLength={4000}
            autoSize={{ minRows: 2, maxRows: 8 }}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      <Button type="primary" htmlType="submit" disabled={score === 0} loading={saved.isPending}>
        {t("action.save")}
      </Button>
    </form>
  );
}
