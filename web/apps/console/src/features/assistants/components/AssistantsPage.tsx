import { lazy, Suspense, useEffect } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { Page } from "../../../shared/ui/Page";
import { Tabs } from "../../../shared/ui/Tabs";
import { Assistants } from "./Assistants";

const Tools = lazy(async () => ({ default: (await import("./Tools")).Tools }));
const Cases = lazy(async () => ({ default: (await import("./Cases")).Cases }));
const Connectors = lazy(async () => ({ default: (await import("./Connectors")).Connectors }));
const Limits = lazy(async () => ({ default: (await import("./Limits")).Limits }));
const PriceRules = lazy(async () => ({ default: (await import("./PriceRules")).PriceRules }));

export interface Shown {
  readonly tab?: string | undefined;
  readonly inbox?: string | undefined;
}

interface Props {
  readonly shown: Shown;
  readonly inboxes: readonly {
    readonly id: string;
    readonly name: string;
    readonly assistant_name: string;
  }[];
  readonly onShow: (shown: Shown) => void;
}

/** Who answers, what it may do, and what is not let in. */
export function AssistantsPage({ shown, inboxes, onShow }: Props) {
  const t = useT();
  useEffect(() => {
    document.title = `${t("nav.assistants")} · ${t("app.name")}`;
  }, [t]);
  const tabs = [
    {
      key: "assistants",
      label: t("nav.assistants"),
      children: (
        <Assistants inboxes={inboxes} chosen={shown.inbox ?? ""} onChoose={(inbox) => onShow({ inbox })} />
      ),
    },
    { key: "tools", label: t("assistants.tools"), children: <Tools /> },
    { key: "connectors", label: t("connectors.title"), children: <Connectors /> },
    { key: "prices", label: t("price_rules.tab"), children: <PriceRules /> },
    { key: "cases", label: t("cases.title"), children: <Cases /> },
    { key: "guard", label: t("assistants.guard"), children: <Limits /> },
  ];
  return (
    <Page title={t("nav.assistants")} about={t("assistants.about")}>
      <Suspense>
        <Tabs
          label={t("nav.assistants")}
          tabs={tabs}
          current={shown.tab ?? "assistants"}
          onChange={(tab) => onShow(tab === "assistants" ? {} : { tab })}
        />
      </Suspense>
    </Page>
  );
}
