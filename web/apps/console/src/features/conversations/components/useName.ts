import { useCallback } from "react";
import { useT } from "../../../shared/i18n/i18n";
import { type Conversation, tailOf } from "../model/conversation";

/** What a contact is called on the page. */
export function useName(): (conversation: Conversation) => string {
  const t = useT();
  return useCallback(
    (conversation) => conversation.contactName || t("contact.unnamed", { tail: tailOf(conversation) }),
    [t],
  );
}
