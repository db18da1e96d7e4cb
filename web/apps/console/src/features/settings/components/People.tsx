import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { stamp, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useMyId, useRole } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Chip } from "../../../shared/ui/Chip";
import { Chooser } from "../../../shared/ui/Chooser";
import { Face } from "../../../shared/ui/Face";
import { Lead } from "../../../shared/ui/Lead";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { changePerson, listPeople, type Person, type Role, roles } from "../api/people";
import { NewPassword } from "./NewPassword";
import { NewPerson } from "./NewPerson";
import styles from "./Settings.module.css";

/** Who works here, and what they may do. */
export function People() {
  const t = useT();
  const [making, setMaking] = useState(false);
  const people = useQuery({ queryKey: ["people"], queryFn: ({ signal }) => listPeople(signal) });
  return (
    <Loaded of={people}>
      {(all) => (
        <>
          <Lead about={t("people.about")}>
            <Button type="primary" onClick={() => setMaking(true)}>
              {t("people.make")}
            </Button>
          </Lead>
          <Rows>
            {all.map((one) => (
              <PersonRow key={one.id} person={one} />
            ))}
          </Rows>
          {making && <NewPerson onClose={() => setMaking(false)} />}
        </>
      )}
    </Loaded>
  );
}

function PersonRow({ person }: { readonly person: Person }) {
  const t = useT();
  const myId = useMyId();
  const myRole = useRole();
  const { locale } = useStore(prefs);
  const [changing, setChanging] = useState(false);
  const changed = useAct((change: { role?: Role; active?: boolean }) => changePerson(person.id, change), {
    refreshes: [["people"], ["agents"]],
  });
  const mine = person.id === myId;
  const mayChange = !mine && (myRole === "owner" || person.role !== "owner");
  const offered = roles.filter((one) => one !== "owner" || myRole === "owner");
  return (
    <li className={`${styles.card} ${styles.person}`} data-active={person.active}>
      <Face name={person.name} kind="agent" />
      <div>
        <h2>
          {person.name}
          {mine && <span className={styles.about}> {t("people.me")}</span>}
          {!person.active && (
            <Chip tone="quiet" beside>
              {t("people.inactive")}
            </Chip>
          )}
        </h2>
        <p className={styles.about}>
          {person.email} · {t("people.since", { time: stamp(toMs(person.created_at), Date.now(), locale) })}
        </p>
      </div>
      <span className={styles.acts}>
        {mayChange ? (
          <Chooser
            label={t("people.role")}
            value={t(`role.${person.role}`)}
            options={offered.map((one) => ({
              key: one,
              name: t(`role.${one}`),
              about: t(`role.${one}.about`),
              chosen: one === person.role,
            }))}
            onPick={(role) => changed.mutate({ role: role as Role })}
          >
            {t(`role.${person.role}`)}
          </Chooser>
        ) : (
          <span className={styles.about}>{t(`role.${person.role}`)}</span>
        )}
        {(mayChange || mine) && <Button onClick={() => setChanging(true)}>{t("people.password")}</Button>}
        {mayChange && (
          <Button
            danger={person.active}
            loading={changed.isPending}
            onClick={() => changed.mutate({ active: !person.active })}
          >
            {t(person.active ? "people.deactivate" : "people.activate")}
          </Button>
        )}
      </span>
      {changing && <NewPassword person={person} onClose={() => setChanging(false)} />}
    </li>
  );
}
