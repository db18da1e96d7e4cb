import { Input, Radio } from "antd";
import { useState } from "react";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { useRole } from "../../../shared/session/session";
import { Choice } from "../../../shared/ui/Choice";
import { Field } from "../../../shared/ui/Field";
import { FormDialog } from "../../../shared/ui/FormDialog";
import { PasswordField, shortestPassword } from "../../../shared/ui/PasswordField";
import { addPerson, type Role, roles, type NewPerson as Wanted } from "../api/people";
import styles from "./Settings.module.css";

export function NewPerson({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const myRole = useRole();
  const [wanted, setWanted] = useState<Wanted>({ email: "", name: "", password: "", role: "agent" });
  const set = (change: Partial<Wanted>) => setWanted({ ...wanted, ...change });
  const added = useAct(() => addPerson({ ...wanted, email: wanted.email.trim(), name: wanted.name.trim() }), {
    refreshes: [["people"], ["agents"]],
    onDone: onClose,
  });
  const offered = roles.filter((one) => one !== "owner" || myRole === "owner");
  const ready =
    wanted.name.trim() !== "" &&
    /^\S+@\S+\.\S+$/.test(wanted.email.trim()) &&
    wanted.password.length >= shortestPassword;
  return (
    <FormDialog
      title={t("people.make")}
      act={t("people.make")}
      ready={ready}
      saving={added.isPending}
      checked
      onSend={() => added.mutate()}
      onClose={onClose}
    >
      <Field label={t("people.name")}>
        {(id) => (
          <Input
            id={id}
            value={wanted.name}
            maxLength={200}
            onChange={(e) => set({ name: e.target.value })}
          />
        )}
      </Field>
      <Field label={t("login.email")}>
        {(id) => (
          <Input
            id={id}
            type="email"
            autoComplete="off"
            value={wanted.email}
            onChange={(e) => set({ email: e.target.value })}
          />
        )}
      </Field>
      <PasswordField which="first" value={wanted.password} onChange={(password) => set({ password })} />
      <Choice legend={t("people.role")}>
        <Radio.Group
          className={styles.roles ?? ""}
          value={wanted.role}
          onChange={(e) => set({ role: e.target.value as Role })}
        >
          {offered.map((one) => (
            <Radio key={one} value={one}>
              {t(`role.${one}`)} <span className={styles.about}>{t(`role.${one}.about`)}</span>
            </Radio>
          ))}
        </Radio.Group>
      </Choice>
    </FormDialog>
  );
}
