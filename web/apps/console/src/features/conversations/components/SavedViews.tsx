import { App, Button, Input } from "antd";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { changeHabits, habits, type SavedView } from "../../../shared/prefs/habits";
import { useStore } from "../../../shared/store";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import dialog from "../../../shared/ui/FormDialog.module.css";
import { IconButton } from "../../../shared/ui/IconButton";
import { type Filter, savedOf } from "../model/views";
import styles from "./SavedViews.module.css";

const most = 20;

/** What is asked for now gets a name; those that have one can be let go. */
export function SavedViews({ filter, onClose }: { readonly filter: Filter; readonly onClose: () => void }) {
  const t = useT();
  const { message } = App.useApp();
  const { views } = useStore(habits);
  const [name, setName] = useState("");
  const wanted = name.trim();
  const change = (next: readonly SavedView[]) =>
    changeHabits({ views: next }).catch((error) => void message.error(plainWords(error)));
  const save = () => {
    const others = views.filter((one) => one.name !== wanted);
    void change([...others, savedOf(filter, wanted)]).then(onClose);
  };
  return (
    <Dialog label={t("views.title")} onClose={onClose}>
      <form
        className={`${dialog.form} ${styles.form}`}
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted && views.length < most) save();
        }}
      >
        <h2>{t("views.title")}</h2>
        <p>{t("views.about")}</p>
        <p>
          {t("views.now")}: <strong>{useWords(filter)}</strong>
        </p>
        <Field
          label={t("views.name")}
          hint={t("views.name_hint")}
          fault={views.length >= most ? t("views.most") : ""}
        >
          {(id) => (
            <Input
              id={id}
              value={name}
              maxLength={40}
              autoFocus
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="primary" htmlType="submit" disabled={!wanted || views.length >= most}>
          {t("views.save")}
        </Button>
        {views.length > 0 && (
          <ul>
            {views.map((one) => (
              <li key={one.name}>
                <span>{one.name}</span>
                <IconButton
                  icon={Trash2}
                  name={t("views.drop", { name: one.name })}
                  onClick={() => void change(views.filter((other) => other !== one))}
                />
              </li>
            ))}
          </ul>
        )}
      </form>
    </Dialog>
  );
}

/** In words, as far as they are known here without asking. */
function useWords({ view, label, priority, vip }: Filter): string {
  const t = useT();
  const parts = [t(`view.${view}`), vip && t("vip.label"), priority && t(`priority.${priority}`), label];
  return parts.filter(Boolean).join(" · ");
}
