import { useNavigate } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useEffect } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { useStore } from "../../../shared/store";
import { called } from "../model/called";

/** Says on every page that a colleague named me, with the way there. */
export function Called() {
  const t = useT();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const call = useStore(called);
  useEffect(() => {
    if (!call) return;
    const { conversationId, words } = call;
    const key = `mention-${conversationId}`;
    const go = () => {
      message.destroy(key);
      void navigate({ to: "/conversations/$conversationId", params: { conversationId }, search: {} });
    };
    const content = (
      <>
        {words}{" "}
        <Button type="link" size="small" onClick={go}>
          {t("call.look")}
        </Button>
      </>
    );
    void message.info({ key, content, duration: 8 });
    called.set(null);
  }, [call, message, navigate, t]);
  return null;
}
