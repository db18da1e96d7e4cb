import { Outlet, useNavigate } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { Called } from "../../features/conversations/components/Called";
import { useFeed } from "../../features/conversations/model/lists";
import { useAttention } from "../../features/conversations/model/useAttention";
import { useIdle } from "../../features/conversations/model/useIdle";
import { useT } from "../../shared/i18n/i18n";
import { useKeys } from "../../shared/keys/keys";
import { forgetHabits, readHabits } from "../../shared/prefs/habits";
import { line } from "../../shared/realtime/line";
import { session } from "../../shared/session/session";
import { useStore } from "../../shared/store";
import { Soon } from "../../shared/ui/Soon";
import { Help } from "./Help";
import { LineState } from "./LineState";
import { Palette } from "./Palette";
import { Rail } from "./Rail";
import styles from "./Shell.module.css";
import { StrainLine } from "./StrainLine";

export function Shell() {
  const t = useT();
  const navigate = useNavigate();
  const now = useStore(session);
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useAttention();
  useFeed();
  useIdle();
  useKeys({ "mod+k": () => setPalette((open) => !open), "?": () => setHelp(true) });

  useEffect(() => {
    void readHabits().catch(() => undefined);
    return forgetHabits;
  }, []);

  useEffect(() => {
    line.start();
    return () => line.stop();
  }, []);

  useEffect(() => {
    if (now.state === "out") void navigate({ to: "/login", search: {} });
  }, [now.state, navigate]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("shell.skip")}
      </a>
      <Rail onPalette={() => setPalette(true)} onHelp={() => setHelp(true)} />
      <div className={styles.body}>
        <LineState />
        <StrainLine />
        <main id="main" className={styles.main} tabIndex={-1}>
          <Called />
          <Suspense fallback={<Soon />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      {palette && <Palette onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />}
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}
