import { Link } from "@tanstack/react-router";
import { App } from "antd";
import { useEffect } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { useStore } from "../../../shared/store";
import { called } from "../model/called";

/** Says on every page that a colleague named me, with the way there. */
export function Called() {
  const t = useT();
  const { message } = App.useApp();
  const call = useStore(called);
  useEffect(() => {
    if (!call) return;
    const key = `mention-${call.conversationId}`;
    const content = (
      <>
        {call.words}{" "}
        <Link
          to="/conversations/$conversationId"
          params={{ conversationId: call.conversationId }}
          search={{ status: "open" }}
          onClick={() => message.destroy(key)}
        >
          {t("call.look")}
        </Link>
      </>
    );
    void message.info({ key, content, duration: 8 });
    called.set(null);
  }, [call, message, t]);
  return null;
}
