import { ExternalLink, X } from "lucide-react";
import { useT } from "../i18n/i18n";
import { Dialog } from "../ui/Dialog";
import { IconButton } from "../ui/IconButton";
import styles from "./Large.module.css";

interface Props {
  readonly name: string;
  readonly src: string;
  readonly onClose: () => void;
}

/** A picture as large as the window lets it be. */
export function Large({ name, src, onClose }: Props) {
  const t = useT();
  return (
    <Dialog label={name} wide onClose={onClose}>
      <figure className={styles.large}>
        <figcaption>
          <span>{name}</span>
          <a href={src} target="_blank" rel="noopener noreferrer">
            <ExternalLink size={16} strokeWidth={1.5} aria-hidden="true" />
            {t("picture.original")}
          </a>
          <IconButton icon={X} name={t("action.close")} hint="Esc" onClick={onClose} />
        </figcaption>
        <img src={src} alt={name} />
      </figure>
    </Dialog>
  );
}
