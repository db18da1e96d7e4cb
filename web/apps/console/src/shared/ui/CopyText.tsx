import { Button } from "antd";
import { useEffect, useState } from "react";
import { useT } from "../i18n/i18n";
import styles from "./CopyText.module.css";

/** A line to be copied whole. */
export function CopyText({ text }: { readonly text: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <div className={styles.copy}>
      <code>{text}</code>
      <Button size="small" onClick={() => void copy(text).then(setCopied)}>
        {t(copied ? "action.copied" : "action.copy")}
      </Button>
      <span className="visually-hidden" role="status">
        {copied ? t("action.copied") : ""}
      </span>
    </div>
  );
}

/** The clipboard of a page that is not served over TLS is closed; a selection still works there. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
