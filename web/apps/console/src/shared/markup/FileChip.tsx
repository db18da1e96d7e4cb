import { type Facts, factsOf, type Look, lookOf, sizeOf } from "@miaohui/ui/pictures";
import {
  Download,
  FileArchive,
  FileImage,
  FileSpreadsheet,
  FileText,
  File as Other,
  Presentation,
} from "lucide-react";
import { useEffect, useState } from "react";
import { useT } from "../i18n/i18n";
import styles from "./FileChip.module.css";

interface Props {
  /** What whoever sent it called it. */
  readonly name: string;
  readonly src: string;
}

const icons: Partial<Record<Look, typeof Other>> = {
  archive: FileArchive,
  image: FileImage,
  sheet: FileSpreadsheet,
  slides: Presentation,
  text: FileText,
};
const againMs = 4000;
const mostTries = 4;

/** A file of a conversation: sound and film to be played, everything else to be saved. The server says what it is. */
export function FileChip({ name, src }: Props) {
  const t = useT();
  const facts = useFacts(src);
  const look = lookOf(facts?.type ?? "");
  const Icon = icons[look] ?? Other;
  return (
    <span className={styles.file}>
      <a className={styles.chip} href={src} download>
        <span className="visually-hidden">{t("file.save")} </span>
        <Icon size={20} strokeWidth={1.5} aria-hidden="true" />
        <span className={styles.name} title={name}>
          {name}
        </span>{" "}
        <small>{facts ? sizeOf(facts.bytes) : t("file.coming")}</small>
        <Download size={16} strokeWidth={1.5} aria-hidden="true" />
      </a>
      {/* biome-ignore lint/a11y/useMediaCaption: nobody has written down what is said in it */}
      {facts && look === "audio" && <audio controls preload="none" src={src} aria-label={name} />}
      {/* biome-ignore lint/a11y/useMediaCaption: as above */}
      {facts && look === "video" && <video controls preload="metadata" src={src} aria-label={name} />}
    </span>
  );
}

/** Asks a few times for what is not here yet. */
function useFacts(src: string): Facts | null {
  const [facts, setFacts] = useState<Facts | null>(null);
  useEffect(() => {
    let tried = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const told = await factsOf(src);
      if (told) setFacts(told);
      else if (++tried < mostTries) timer = setTimeout(() => void ask(), againMs);
    };
    void ask();
    return () => clearTimeout(timer);
  }, [src]);
  return facts;
}
