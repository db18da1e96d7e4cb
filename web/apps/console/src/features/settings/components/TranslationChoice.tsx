import { useQuery } from "@tanstack/react-query";
import { Switch } from "antd";
import { useId } from "react";
import { request } from "../../../shared/http/request";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Loaded } from "../../../shared/ui/Loaded";
import styles from "./Settings.module.css";

interface State {
  readonly available: boolean;
  readonly why: string;
}

const path = "/v1/desk/translation";

/** Whether the company's agents may have messages translated, and what is missing where they cannot. */
export function TranslationChoice() {
  const t = useT();
  const id = useId();
  const state = useQuery({
    queryKey: ["translation"],
    queryFn: ({ signal }) => request<State>(path, { signal }),
  });
  const chosen = useAct((enabled: boolean) => request<State>(path, { method: "POST", body: { enabled } }), {
    refreshes: [["translation"]],
  });
  return (
    <section className={styles.card}>
      <h2>{t("company.translation")}</h2>
      <p className={styles.about}>{t("company.translation_about")}</p>
      <Loaded of={state} rows={1}>
        {({ why }) => {
          const word = `translate.why.${why}`;
          return (
            <>
              <p>
                <Switch
                  id={id}
                  checked={!why.startsWith("off")}
                  disabled={why === "off_everywhere"}
                  loading={chosen.isPending}
                  onChange={(on) => chosen.mutate(on)}
                />{" "}
                <label htmlFor={id}>{t("company.translation_on")}</label>
              </p>
              {why && why !== "off_here" && hasWord(word) && <p className={styles.about}>{t(word)}</p>}
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
