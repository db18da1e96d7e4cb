import { useQuery } from "@tanstack/react-query";
import { Button, Input, Popover } from "antd";
import { SquareStack } from "lucide-react";
import { useState } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { listOrders } from "../api/desk";
import styles from "./AttachCard.module.css";

interface Props {
  readonly id: string;
  /** What the card is about, and what stands on it. */
  readonly onPick: (label: string, facts: readonly string[]) => void;
}

/** An order of the contact, or a product, put below the words. */
export function AttachCard({ id, onPick }: Props) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const pick = (label: string, facts: readonly string[]) => {
    onPick(label, facts);
    setOpen(false);
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="topLeft"
      destroyOnHidden
      content={<Choice id={id} onPick={pick} />}
    >
      <button type="button" aria-expanded={open}>
        <SquareStack size={12} strokeWidth={1.5} aria-hidden="true" />
        {t("card.attach")}
      </button>
    </Popover>
  );
}

function Choice({ id, onPick }: Props) {
  const t = useT();
  const [title, setTitle] = useState("");
  const [note, setNote] = useState("");
  const orders = useQuery({ queryKey: ["orders", id], queryFn: ({ signal }) => listOrders(id, signal) });
  return (
    <div className={styles.choice}>
      {orders.data?.known && (
        <ul className={styles.orders} aria-label={t("card.orders")}>
          {orders.data.data.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                onClick={() => onPick(t("card.order"), [one.id, one.title, one.state, one.paid])}
              >
                <strong>{one.id}</strong>
                <span>{[one.title, one.state, one.paid].filter(Boolean).join(" · ")}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {orders.data && !orders.data.known && <p className={styles.none}>{t("card.unknown")}</p>}
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          // The reply's own form is around this one, and would send.
          event.stopPropagation();
          if (title.trim()) onPick(t("card.product"), [title, note]);
        }}
      >
        <Input
          value={title}
          maxLength={100}
          aria-label={t("card.title")}
          placeholder={t("card.title")}
          onChange={(event) => setTitle(event.target.value)}
        />
        <Input
          value={note}
          maxLength={100}
          aria-label={t("card.note")}
          placeholder={t("card.note")}
          onChange={(event) => setNote(event.target.value)}
        />
        <Button htmlType="submit" disabled={!title.trim()}>
          {t("card.put")}
        </Button>
      </form>
    </div>
  );
}
