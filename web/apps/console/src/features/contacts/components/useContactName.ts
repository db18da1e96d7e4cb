import { useCallback } from "react";
import { useT } from "../../../shared/i18n/i18n";

/** What a contact is called; one without a name by the end of its id. */
export function useContactName(): (contact: { readonly id: string; readonly name: string }) => string {
  const t = useT();
  return useCallback((contact) => contact.name || t("contact.unnamed", { tail: contact.id.slice(-4) }), [t]);
}
