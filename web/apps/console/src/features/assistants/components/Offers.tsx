import { App, Button, InputNumber } from "antd";
import { useState } from "react";
import { request } from "../../../shared/http/request";
import { useAct } from "../../../shared/http/useAct";
import { type Translate, useT } from "../../../shared/i18n/i18n";
import { useGoverns } from "../../../shared/session/session";
import { Empty } from "../../../shared/ui/Empty";
import { Field } from "../../../shared/ui/Field";
import { Rows } from "../../../shared/ui/Rows";
import { inOrder, kindOf, type Offer, type PriceList, typedOf } from "../model/offers";
import styles from "./Assistants.module.css";
import { OfferForm } from "./OfferForm";
import own from "./Offers.module.css";

const mostCoupons = 10;

/** What is offered, in the order in which it is applied; each opens a form. */
export function Offers({ list }: { readonly list: PriceList }) {
  const t = useT();
  const { message } = App.useApp();
  const governs = useGoverns();
  const [open, setOpen] = useState<Offer | "new" | null>(null);
  const saved = useAct((body: PriceList) => request<PriceList>("/v1/prices", { method: "PUT", body }), {
    refreshes: [["price-rules"]],
    onDone: () => {
      setOpen(null);
      void message.success(t("price_rules.saved"));
    },
  });
  const keep = (offers: readonly Offer[]) => saved.mutate({ ...list, offers });
  return (
    <section aria-labelledby="offers">
      <header className={styles.bar}>
        <div>
          <h2 id="offers" className={own.title}>
            {t("offers.title")}
          </h2>
          <p className={styles.about}>{t("offers.about")}</p>
        </div>
        {governs && (
          <Button type="primary" onClick={() => setOpen("new")}>
            {t("offers.add")}
          </Button>
        )}
      </header>
      {list.offers.length === 0 ? (
        <Empty title={t("offers.none")} hint={t("offers.none_hint")} />
      ) : (
        <Rows>
          {inOrder(list.offers).map((one) => (
            <li key={one.id} className={styles.row}>
              <div>
                <h3 className={own.title}>{one.name}</h3>
                <p>{saysOf(t, one, list)}</p>
              </div>
              {governs && (
                <>
                  <Button aria-label={t("offers.change", { name: one.name })} onClick={() => setOpen(one)}>
                    {t("replies.change")}
                  </Button>
                  <Button
                    danger
                    aria-label={t("offers.remove", { name: one.name })}
                    loading={saved.isPending}
                    onClick={() => keep(list.offers.filter((other) => other.id !== one.id))}
                  >
                    {t("replies.delete")}
                  </Button>
                </>
              )}
            </li>
          ))}
        </Rows>
      )}
      <div className={own.more}>
        <Field label={t("offers.coupons")}>
          {(id) => (
            <InputNumber
              id={id}
              min={0}
              max={mostCoupons}
              precision={0}
              disabled={!governs || saved.isPending}
              value={list.coupons}
              changeOnBlur
              onChange={(value) => value !== null && saved.mutate({ ...list, coupons: value })}
            />
          )}
        </Field>
        <p className={styles.about}>{t("offers.goods")}</p>
      </div>
      {open && (
        <OfferForm
          before={open === "new" ? null : open}
          list={list}
          saving={saved.isPending}
          onKeep={(offer) =>
            keep(
              open === "new"
                ? [...list.offers, offer]
                : list.offers.map((one) => (one.id === offer.id ? offer : one)),
            )
          }
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  );
}

/** An offer in one line. */
function saysOf(t: Translate, offer: Offer, { decimals, levels }: PriceList): string {
  const kind = kindOf(offer);
  const { least, off, each, seasons, pauses } = typedOf(offer, decimals);
  const named = (id: string) => levels.find((one) => one.id === id)?.label || id;
  const taken = () => {
    if (kind === null) return t("offers.says.other");
    if (kind === "amount") return t(least ? "offers.says.amount" : "offers.says.amount_any", { least, off });
    const from = least && kind !== "each" ? ` (${t("offers.says.from", { least })})` : "";
    return t(`offers.says.${kind}`, { off, each }) + from;
  };
  return [
    taken(),
    offer.coupon && t("offers.says.coupon"),
    ...(offer.levels ?? []).map(named),
    ...seasons.map((one) => t("offers.says.days", { ...one })),
    ...pauses.map((one) => t("offers.says.but", { ...one })),
    offer.exclusive && t("offers.says.exclusive"),
    t("offers.priority_says", { priority: offer.priority ?? 0 }),
  ]
    .filter(Boolean)
    .join(" · ");
}
