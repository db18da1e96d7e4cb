import { useQuery } from "@tanstack/react-query";
import { App, Button, Input, Radio } from "antd";
import { useState } from "react";
import { request } from "../../../shared/http/request";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { useGoverns } from "../../../shared/session/session";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import type { PriceList } from "../model/offers";
import { readRules } from "../model/priceRules";
import styles from "./Assistants.module.css";
import { Offers } from "./Offers";

const path = "/v1/prices";

/** What the calculator counts by: goods, offers, coupons, points, delivery; and a question to try it with. */
export function PriceRules() {
  const rules = useQuery({
    queryKey: ["price-rules"],
    queryFn: ({ signal }) => request<PriceList>(path, { signal }),
  });
  return (
    <Loaded of={rules}>
      {(found) => (
        <>
          <Ask />
          <Written key={JSON.stringify(found)} rules={found} />
        </>
      )}
    </Loaded>
  );
}

function Ask() {
  const t = useT();
  const [question, setQuestion] = useState("");
  const told = useAct((asked: string) =>
    request<{ readonly text: string }>(`${path}/ask`, { method: "POST", body: { question: asked } }),
  );
  return (
    <form
      className={`${styles.card} ${styles.judge}`}
      onSubmit={(event) => {
        event.preventDefault();
        told.mutate(question.trim());
      }}
    >
      <h2>{t("price_rules.ask")}</h2>
      <Field label={t("price_rules.question")} hint={t("price_rules.question_hint")}>
        {(id) => (
          <Input
            id={id}
            value={question}
            maxLength={500}
            onChange={(event) => setQuestion(event.target.value)}
          />
        )}
      </Field>
      <Button type="primary" htmlType="submit" disabled={!question.trim()} loading={told.isPending}>
        {t("tools.try")}
      </Button>
      {told.data && (
        <p role="status" className={styles.verdict} data-allowed={told.data.text !== ""}>
          {told.data.text || t("price_rules.no_answer")}
        </p>
      )}
    </form>
  );
}

/** As a form for what is offered, or as a whole for who knows it all. */
function Written({ rules }: { readonly rules: PriceList }) {
  const t = useT();
  const [look, setLook] = useState<"form" | "json">("form");
  return (
    <>
      <Radio.Group
        className={styles.look ?? ""}
        aria-label={t("offers.look")}
        optionType="button"
        value={look}
        options={[
          { value: "form", label: t("offers.form") },
          { value: "json", label: t("offers.json") },
        ]}
        onChange={(event) => setLook(event.target.value as "form" | "json")}
      />
      {look === "form" ? <Offers list={rules} /> : <Write rules={rules} />}
    </>
  );
}

function Write({ rules }: { readonly rules: object }) {
  const t = useT();
  const { message } = App.useApp();
  const governs = useGoverns();
  const [text, setText] = useState(() => JSON.stringify(rules, null, 1));
  const read = readRules(text);
  const saved = useAct((body: object) => request<object>(path, { method: "PUT", body }), {
    refreshes: [["price-rules"]],
    onDone: () => void message.success(t("price_rules.saved")),
  });
  const about = t("price_rules.counts", {
    products: read?.products ?? 0,
    offers: read?.offers ?? 0,
    delivery: read?.delivery ?? 0,
  });
  return (
    <form
      className={`${styles.card} ${styles.judge}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (read) saved.mutate(read.body);
      }}
    >
      <h2>{t("price_rules.title")}</h2>
      <p className={styles.about}>{t("price_rules.about")}</p>
      <Field label="JSON" hint={about} fault={read ? "" : t("price_rules.no_json")}>
        {(id) => (
          <Input.TextArea
            id={id}
            className={styles.json ?? ""}
            value={text}
            spellCheck={false}
            readOnly={!governs}
            autoSize={{ minRows: 8, maxRows: 24 }}
            aria-invalid={read === null}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {governs && (
        <Button type="primary" htmlType="submit" disabled={!read} loading={saved.isPending}>
          {t("action.save")}
        </Button>
      )}
    </form>
  );
}
