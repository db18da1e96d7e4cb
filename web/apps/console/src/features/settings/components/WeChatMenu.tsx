import { ApiError } from "@miaohui/client";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useState } from "react";
import { request } from "../../../shared/http/request";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Field } from "../../../shared/ui/Field";
import { type MenuButton, menuText, readMenu } from "../model/menu";
import detail from "./Detail.module.css";
import styles from "./Settings.module.css";

interface Menu {
  readonly buttons: readonly MenuButton[];
}

const path = (inboxId: string) => `/v1/inboxes/${encodeURIComponent(inboxId)}/wechat/menu`;

/** What stands under the conversation at WeChat; there once the account is set up. */
export function WeChatMenu({ inboxId }: { readonly inboxId: string }) {
  const menu = useQuery({
    queryKey: ["wechat", inboxId, "menu"],
    queryFn: ({ signal }) => request<Menu>(path(inboxId), { signal }).catch(noneYet),
  });
  if (!menu.data) return null;
  return <Write key={JSON.stringify(menu.data)} inboxId={inboxId} menu={menu.data} />;
}

function Write({ inboxId, menu }: { readonly inboxId: string; readonly menu: Menu }) {
  const t = useT();
  const { message } = App.useApp();
  const [text, setText] = useState(() => menuText(menu.buttons));
  const read = readMenu(text);
  const saved = useAct(
    (buttons: readonly MenuButton[]) => request<Menu>(path(inboxId), { method: "POST", body: { buttons } }),
    {
      refreshes: [["wechat", inboxId, "menu"]],
      onDone: () => void message.success(t("menu.saved")),
    },
  );
  const fault =
    "fault" in read ? t("menu.fault", { line: read.line, why: t(`menu.fault.${read.fault}`) }) : "";
  return (
    <section className={detail.block} aria-labelledby="wechat-menu">
      <h3 id="wechat-menu">{t("menu.title")}</h3>
      <form
        className={detail.fields}
        onSubmit={(event) => {
          event.preventDefault();
          if ("buttons" in read) saved.mutate(read.buttons);
        }}
      >
        <Field label={t("menu.buttons")} hint={t("menu.hint")} fault={fault}>
          {(id) => (
            <Input.TextArea
              id={id}
              value={text}
              placeholder={t("menu.example")}
              autoSize={{ minRows: 4, maxRows: 18 }}
              aria-invalid={fault !== ""}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <p className={styles.acts}>
          <Button htmlType="submit" disabled={fault !== ""} loading={saved.isPending}>
            {t("menu.save")}
          </Button>
        </p>
      </form>
    </section>
  );
}

/** No account is a state of its own here, and no fault. */
function noneYet(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}
