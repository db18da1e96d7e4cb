import { Dropdown } from "antd";
import { lazy, Suspense, useRef, useState } from "react";
import { useT } from "../../shared/i18n/i18n";
import { flipLanguage, flipNotices, flipTheme } from "../../shared/prefs/flip";
import { prefs, setPrefs } from "../../shared/prefs/prefs";
import { logOut, session } from "../../shared/session/session";
import { useStore } from "../../shared/store";
import { Face } from "../../shared/ui/Face";
import styles from "./Me.module.css";

const CallRules = lazy(async () => ({
  default: (await import("../../features/conversations/components/CallRules")).CallRules,
}));
const OwnPassword = lazy(async () => ({
  default: (await import("../../features/identity/components/OwnPassword")).OwnPassword,
}));

/** Who is logged in, and the way out. */
export function Me() {
  const t = useT();
  const now = useStore(session);
  const { sound, notices } = useStore(prefs);
  const button = useRef<HTMLButtonElement>(null);
  const [asked, setAsked] = useState<"" | "rules" | "password">("");
  const close = () => {
    setAsked("");
    // The menu that it was chosen from is gone, and cannot have the focus back.
    requestAnimationFrame(() => button.current?.focus());
  };
  if (now.state !== "in") return null;
  const { person, tenant, role } = now.grant;
  const who = (
    <div className={styles.who}>
      <strong>{person.name}</strong>
      <span>{person.email}</span>
      <span>
        {tenant.name} · {t(role === "owner" || role === "admin" ? `role.${role}` : "role.agent")}
      </span>
    </div>
  );
  const items = [
    { key: "who", label: who, disabled: true },
    { type: "divider" as const },
    { key: "lang", label: t("prefs.language"), onClick: flipLanguage },
    { key: "theme", label: t("palette.theme"), onClick: flipTheme },
    {
      key: "sound",
      label: t(sound ? "prefs.sound_off" : "prefs.sound_on"),
      onClick: () => setPrefs({ sound: !sound }),
    },
    {
      key: "notices",
      label: t(notices ? "prefs.notices_off" : "prefs.notices_on"),
      onClick: () => void flipNotices(),
    },
    { key: "rules", label: t("rules_of_calls.open"), onClick: () => setAsked("rules") },
    { key: "password", label: t("password.open"), onClick: () => setAsked("password") },
    { key: "out", label: t("identity.log_out"), onClick: () => void logOut() },
  ];
  return (
    <>
      <Dropdown menu={{ items }} trigger={["click"]} placement="topRight">
        <button
          ref={button}
          type="button"
          className={styles.me}
          aria-label={t("identity.me", { name: person.name })}
        >
          <Face name={person.name} kind="agent" />
        </button>
      </Dropdown>
      <Suspense>
        {asked === "rules" && <CallRules onClose={close} />}
        {asked === "password" && <OwnPassword onClose={close} />}
      </Suspense>
    </>
  );
}
