import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ContactPage } from "../../features/contacts/components/ContactPage";
import { ContactsPage } from "../../features/contacts/components/ContactsPage";

export function ContactsRoute() {
  const navigate = useNavigate();
  const { q = "" } = useSearch({ from: "/shell/contacts" });
  const { contactId } = useParams({ strict: false });
  if (contactId) return <ContactPage id={contactId} />;
  return (
    <ContactsPage
      words={q}
      onWords={(words) => void navigate({ to: "/contacts", search: words ? { q: words } : {} })}
    />
  );
}
