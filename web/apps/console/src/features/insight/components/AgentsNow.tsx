import { useT } from "../../../shared/i18n/i18n";
import { type Agent, useAgents, useTeams } from "../../../shared/people/agents";
import { PresenceDot } from "../../../shared/ui/PresenceDot";
import { Scroll } from "../../../shared/ui/Scroll";
import table from "../../../shared/ui/Table.module.css";
import styles from "./AgentsNow.module.css";

const order = ["online", "away", "offline"] as const;

/** Who is at the desk, and how much of what they can take they have. */
export function AgentsNow() {
  const t = useT();
  const agents = useAgents().data ?? [];
  const teams = useTeams().data ?? [];
  if (agents.length === 0) return null;
  const teamsOf = (one: Agent) =>
    teams
      .filter((team) => one.teams.includes(team.id))
      .map((team) => team.name)
      .join(" · ");
  const sorted = [...agents].sort(
    (a, b) => order.indexOf(a.presence) - order.indexOf(b.presence) || b.load - a.load,
  );
  return (
    <details className={styles.agents}>
      <summary>{t("agents.now", { count: agents.length })}</summary>
      <Scroll>
        <table className={table.table}>
          <caption className="visually-hidden">{t("insight.agents")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("agents.name")}</th>
              <th scope="col">{t("agents.state")}</th>
              <th scope="col">{t("agents.load")}</th>
              <th scope="col">{t("teams.title")}</th>
              <th scope="col">{t("teams.languages")}</th>
              <th scope="col">{t("teams.skills")}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.name}</th>
                <td>
                  <span className={styles.state}>
                    <PresenceDot presence={one.presence} />
                    {t(`presence.${one.presence}`)}
                  </span>
                </td>
                <td>
                  <meter
                    className={styles.meter}
                    min={0}
                    max={Math.max(1, one.capacity)}
                    value={Math.min(one.load, one.capacity)}
                    aria-label={t("presence.load", { load: one.load, capacity: one.capacity })}
                  />
                  {one.load} / {one.capacity}
                </td>
                <td>{teamsOf(one)}</td>
                <td>{one.languages.join(" · ") || t("teams.any")}</td>
                <td>{one.skills.join(" · ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
