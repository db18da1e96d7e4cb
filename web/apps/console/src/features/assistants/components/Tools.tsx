import { useQuery } from "@tanstack/react-query";
import { Button, Switch } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { grantTools, listTools, type Tool } from "../api/assistants";
import styles from "./Assistants.module.css";
import { ToolTrial } from "./ToolTrial";

/** What the assistant may do beside answering: each tool with its switch and a way to try it. */
export function Tools() {
  const t = useT();
  const tools = useQuery({ queryKey: ["tools"], queryFn: ({ signal }) => listTools(signal) });
  const granted = useAct(grantTools, { refreshes: [["tools"]] });
  return (
    <Loaded of={tools}>
      {(all) => {
        const names = all.filter((one) => one.granted && !one.own).map((one) => one.name);
        const flip = (name: string, on: boolean) =>
          granted.mutate(on ? [...names, name] : names.filter((one) => one !== name));
        return (
          <>
            <p className={styles.about}>{t("tools.about")}</p>
            {all.length === 0 ? (
              <Empty title={t("tools.empty")} hint={t("tools.empty_hint")} />
            ) : (
              <Rows>
                {all.map((one) => (
                  <ToolRow
                    key={one.name}
                    tool={one}
                    busy={granted.isPending}
                    onFlip={(on) => flip(one.name, on)}
                  />
                ))}
              </Rows>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

interface RowProps {
  readonly tool: Tool;
  readonly busy: boolean;
  readonly onFlip: (on: boolean) => void;
}

function ToolRow({ tool, busy, onFlip }: RowProps) {
  const t = useT();
  const [trying, setTrying] = useState(false);
  const word = `tools.${tool.name}`;
  const about = `tools.${tool.name}.about`;
  const name = hasWord(word) ? t(word) : tool.name;
  return (
    <li className={styles.row}>
      <div>
        <h2>
          {name} <code>{tool.name}</code>
        </h2>
        <p>{hasWord(about) ? t(about) : tool.description}</p>
      </div>
      {tool.risk === "read" ? (
        <Button aria-expanded={trying} onClick={() => setTrying(!trying)}>
          {t("tools.try")}
        </Button>
      ) : (
        <p>{t(tool.risk === "approval_required" ? "tools.needs_approval" : "tools.writes")}</p>
      )}
      {tool.own ? (
        <p>{t("tools.own")}</p>
      ) : (
        <Switch
          checked={tool.granted}
          disabled={busy}
          aria-label={t("tools.grant", { name })}
          onChange={onFlip}
        />
      )}
      {trying && <ToolTrial tool={tool} />}
    </li>
  );
}
