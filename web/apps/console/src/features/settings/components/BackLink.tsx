import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import styles from "./Settings.module.css";

/** From one thing back to all of its kind. */
export function BackLink({ tab, words }: { readonly tab: string; readonly words: string }) {
  return (
    <p>
      <Link to="/settings" search={{ tab }} className={styles.back ?? ""}>
        <ArrowLeft size={14} strokeWidth={1.5} aria-hidden="true" /> {words}
      </Link>
    </p>
  );
}
