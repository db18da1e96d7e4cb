import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import opens from "../../../shared/ui/Opens.module.css";

/** From one thing back to all of its kind. */
export function BackLink({ tab, words }: { readonly tab: string; readonly words: string }) {
  return (
    <p>
      <Link to="/settings" search={{ tab }} className={opens.back ?? ""}>
        <ArrowLeft size={14} strokeWidth={1.5} aria-hidden="true" /> {words}
      </Link>
    </p>
  );
}
