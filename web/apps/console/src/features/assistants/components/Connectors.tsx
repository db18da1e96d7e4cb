import { useQuery } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { type Connector, listConnectors, removeConnector } from "../api/connectors";
import styles from "./Assistants.module.css";
import { ConnectorDrawer } from "./ConnectorDrawer";

/** The company's own systems that the assistant may ask: orders, members, parcels. */
export function Connectors() {
  const t = useT();
  const [open, setOpen] = useState<Connector | "new" | null>(null);
  const list = useQuery({ queryKey: ["connectors"], queryFn: ({ signal }) => listConnectors(signal) });
  return (
    <Loaded of={list}>
      {(all) => (
        <>
          <div className={styles.bar}>
            <p className={styles.about}>{t("connectors.about")}</p>
            <Button type="primary" onClick={() => setOpen("new")}>
              {t("connectors.make")}
            </Button>
          </div>
          {all.length === 0 ? (
            <Empty title={t("connectors.empty")} hint={t("connectors.empty_hint")} />
          ) : (
            <Rows>
              {all.map((one) => (
                <ConnectorRow key={one.name} connector={one} onOpen={() => setOpen(one)} />
              ))}
            </Rows>
          )}
          {open && (
            <ConnectorDrawer
              known={open === "new" ? undefined : open}
              taken={all.map((one) => one.name)}
              onClose={() => setOpen(null)}
            />
          )}
        </>
      )}
    </Loaded>
  );
}

function ConnectorRow({ connector, onOpen }: { readonly connector: Connector; readonly onOpen: () => void }) {
  const t = useT();
  const gone = useAct(() => removeConnector(connector.name), { refreshes: [["connectors"], ["tools"]] });
  return (
    <li className={styles.row}>
      <div>
        <h2>
          {connector.name} <code>{connector.kind === "sql" ? t("connectors.database") : connector.url}</code>
        </h2>
        <p>
          {connector.description && `${connector.description} · `}
          {connector.operations.map((one) => String(one.name)).join(" · ")}
        </p>
      </div>
      {connector.kind === "http" ? (
        <Button onClick={onOpen}>{t("article.edit_short")}</Button>
      ) : (
        <p>{t("connectors.on_server")}</p>
      )}
      <Popconfirm
        title={t("connectors.remove_title", { name: connector.name })}
        description={t("connectors.remove_hint")}
        okText={t("connectors.remove")}
        cancelText={t("action.cancel")}
        okButtonProps={{ danger: true }}
        onConfirm={() => gone.mutate()}
      >
        <Button danger loading={gone.isPending}>
          {t("connectors.remove")}
        </Button>
      </Popconfirm>
    </li>
  );
}
