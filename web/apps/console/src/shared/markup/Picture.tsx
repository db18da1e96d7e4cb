import { ImageOff } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { useT } from "../i18n/i18n";
import styles from "./Picture.module.css";

/** Few look at few of them in large. */
const Large = lazy(async () => ({ default: (await import("./Large")).Large }));

interface Props {
  /** What it shows, or what its file was called. */
  readonly name: string;
  readonly src: string;
}

const againMs = 4000;
const mostTries = 4;

/** A picture of a conversation, small; large when asked for. Those from outside may still be on their way. */
export function Picture({ name, src }: Props) {
  const t = useT();
  const [large, setLarge] = useState(false);
  const { missing, address, missed, retry } = useArrival(src);
  if (missing) {
    return (
      <button type="button" className={styles.missing} onClick={retry}>
        <ImageOff size={16} strokeWidth={1.5} aria-hidden="true" />
        {t("picture.missing", { name })}
      </button>
    );
  }
  return (
    <>
      <button
        type="button"
        className={styles.small}
        aria-label={t("picture.open", { name })}
        aria-haspopup="dialog"
        onClick={() => setLarge(true)}
      >
        <img src={address} alt={name} title={name} loading="lazy" decoding="async" onError={missed} />
      </button>
      {large &&
        createPortal(
          <Suspense>
            <Large name={name} src={address} onClose={() => setLarge(false)} />
          </Suspense>,
          document.body,
        )}
    </>
  );
}

/** Asks a few times for what is not here yet. */
function useArrival(src: string) {
  const [tried, setTried] = useState(0);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    if (!missing || tried >= mostTries) return;
    const timer = setTimeout(() => {
      setTried((count) => count + 1);
      setMissing(false);
    }, againMs);
    return () => clearTimeout(timer);
  }, [missing, tried]);
  const retry = () => {
    setTried((count) => count + 1);
    setMissing(false);
  };
  const address = tried ? `${src}?${tried}` : src;
  return { missing, address, missed: () => setMissing(true), retry };
}
