import { Link, useLocation } from "@tanstack/react-router";
import {
  BookOpen,
  ChartLine,
  Keyboard,
  type LucideIcon,
  MessagesSquare,
  Search,
  SlidersHorizontal,
  Sparkles,
  Ticket,
  UsersRound,
  Waypoints,
} from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { useT, type Word } from "../../shared/i18n/i18n";
import { modKey } from "../../shared/keys/keys";
import { useGoverns } from "../../shared/session/session";
import { IconButton } from "../../shared/ui/IconButton";
import { Mark } from "../../shared/ui/Mark";
import { Preferences } from "../../shared/ui/Preferences";
import { Me } from "./Me";
import styles from "./Rail.module.css";

interface Place {
  readonly to:
    | "/conversations"
    | "/tickets"
    | "/contacts"
    | "/knowledge"
    | "/assistants"
    | "/engines"
    | "/insight"
    | "/settings";
  readonly word: Word;
  readonly icon: LucideIcon;
  /** Only for who sets the place up. */
  readonly governing?: boolean;
}

/** Every page that is built; nothing that is not. */
const places: readonly Place[] = [
  { to: "/conversations", word: "nav.conversations", icon: MessagesSquare },
  { to: "/tickets", word: "nav.tickets", icon: Ticket },
  { to: "/contacts", word: "nav.contacts", icon: UsersRound },
  { to: "/knowledge", word: "nav.knowledge", icon: BookOpen },
  { to: "/assistants", word: "nav.assistants", icon: Sparkles, governing: true },
  { to: "/engines", word: "nav.engines", icon: Waypoints, governing: true },
  { to: "/insight", word: "nav.insight", icon: ChartLine },
  { to: "/settings", word: "nav.settings", icon: SlidersHorizontal },
];

/** The pages for who is logged in. */
export function usePlaces(): readonly Place[] {
  const governs = useGoverns();
  return useMemo(() => places.filter((one) => governs || !one.governing), [governs]);
}

export function Rail({ onPalette, onHelp }: { readonly onPalette: () => void; readonly onHelp: () => void }) {
  const t = useT();
  const shown = usePlaces();
  const list = useRef<HTMLUListElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the places scroll; where one is stays in sight
  useEffect(() => {
    list.current
      ?.querySelector('[aria-current="page"]')
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [pathname]);
  return (
    <nav className={styles.rail} aria-label={t("nav.label")}>
      <div className={styles.mark}>
        <Mark size={32} />
      </div>
      <ul ref={list} className={styles.places}>
        {shown.map(({ to, word, icon: Icon }) => (
          <li key={to}>
            <Link to={to} className={styles.place ?? ""} activeProps={{ "aria-current": "page" }}>
              <Icon size={20} strokeWidth={1.5} aria-hidden="true" />
              <span>{t(word)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <div className={styles.tools}>
        <IconButton icon={Search} name={t("palette.open")} hint={`${modKey} K`} onClick={onPalette} />
        <span className={styles.wide}>
          <IconButton icon={Keyboard} name={t("help.title")} hint="?" onClick={onHelp} />
          <Preferences />
        </span>
        <Me />
      </div>
    </nav>
  );
}
