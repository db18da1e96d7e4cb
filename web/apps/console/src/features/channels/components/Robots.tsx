import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Lead } from "../../../shared/ui/Lead";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { listRobots, type Robot, removeRobot, tryRobot } from "../api/robots";
import { errorOf } from "../model/findings";
import styles from "./Channels.module.css";
import { NewRobot } from "./NewRobot";

/** Who is told, in a group or by letter, that somebody should look. */
export function Robots() {
  const t = useT();
  const [making, setMaking] = useState(false);
  const robots = useQuery({ queryKey: ["robots"], queryFn: ({ signal }) => listRobots(signal) });
  return (
    <Loaded of={robots}>
      {(all) => (
        <>
          <Lead about={t("robots.about")}>
            <Button type="primary" onClick={() => setMaking(true)}>
              {t("robots.make")}
            </Button>
          </Lead>
          {all.length === 0 ? (
            <Empty title={t("robots.empty")} hint={t("robots.empty_hint")} />
          ) : (
            <Rows>
              {all.map((one) => (
                <Row key={one.id} robot={one} />
              ))}
            </Rows>
          )}
          {making && <NewRobot onClose={() => setMaking(false)} />}
        </>
      )}
    </Loaded>
  );
}

function Row({ robot }: { readonly robot: Robot }) {
  const t = useT();
  const gone = useAct(() => removeRobot(robot.id), { refreshes: [["robots"]] });
  const tried = useAct(() => tryRobot(robot.id), { refreshes: [["robots"]] });
  const about = [
    t(`robots.kind.${robot.kind}`),
    robot.codes.length === 0
      ? t("robots.code.all")
      : robot.codes.map((code) => t(`robots.code.${code}`)).join(" · "),
    robot.signed ? t("robots.signed") : "",
  ];
  return (
    <li className={styles.card}>
      <div>
        <h2>{robot.name}</h2>
        <p className={styles.about}>{about.filter(Boolean).join(" · ")}</p>
      </div>
      <Chip tone={robot.last_error ? "red" : "jade"}>
        {t(robot.last_error ? "robots.failing" : "robots.fine")}
      </Chip>
      <div className={styles.acts}>
        <Button loading={tried.isPending} onClick={() => tried.mutate()}>
          {t("robots.test")}
        </Button>
        <Button danger loading={gone.isPending} onClick={() => gone.mutate()}>
          {t("robots.remove")}
        </Button>
      </div>
      <div role="status" className={styles.said}>
        {tried.data?.told && <p className={styles.well}>{t("robots.heard")}</p>}
        {(tried.data ? tried.data.error : robot.last_error) && (
          <p className={styles.finding}>{errorOf(t, tried.data?.error || robot.last_error)}</p>
        )}
      </div>
    </li>
  );
}
