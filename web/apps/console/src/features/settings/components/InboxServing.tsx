import { useQuery } from "@tanstack/react-query";
import { App, Radio, Select } from "antd";
import { useAct } from "../../../shared/http/useAct";
import { useT } from "../../../shared/i18n/i18n";
import { useTeams } from "../../../shared/people/agents";
import { Choice } from "../../../shared/ui/Choice";
import { Field } from "../../../shared/ui/Field";
import { Loaded } from "../../../shared/ui/Loaded";
import { getInboxDesk, type InboxDesk, setInboxDesk } from "../api/desk";
import detail from "./Detail.module.css";

/** Which team serves a door, and whom of it a conversation goes to. */
export function InboxServing({ id }: { readonly id: string }) {
  const t = useT();
  const { message } = App.useApp();
  const teams = useTeams();
  const serving = useQuery({
    queryKey: ["inbox-desk", id],
    queryFn: ({ signal }) => getInboxDesk(id, signal),
  });
  const saved = useAct((wanted: InboxDesk) => setInboxDesk(id, wanted), {
    refreshes: [["inbox-desk"]],
    onDone: () => void message.success(t("inboxes.saved")),
  });
  return (
    <section className={detail.block} aria-labelledby="serving">
      <h3 id="serving">{t("serving.title")}</h3>
      <Loaded of={serving} rows={2}>
        {({ team_id, skills, strategy }) => (
          <div className={detail.fields}>
            <Field label={t("serving.team")}>
              {(field) => (
                <Select
                  id={field}
                  value={team_id}
                  options={[
                    { value: "", label: t("handling.everybody") },
                    ...(teams.data ?? []).map((one) => ({ value: one.id, label: one.name })),
                  ]}
                  onChange={(next) => saved.mutate({ team_id: next, skills, strategy })}
                />
              )}
            </Field>
            <Choice legend={t("serving.strategy")}>
              <Radio.Group
                value={strategy}
                onChange={(event) =>
                  saved.mutate({ team_id, skills, strategy: event.target.value as InboxDesk["strategy"] })
                }
              >
                <Radio value="round_robin">{t("serving.round_robin")}</Radio>
                <Radio value="least_loaded">{t("serving.least_loaded")}</Radio>
              </Radio.Group>
            </Choice>
          </div>
        )}
      </Loaded>
    </section>
  );
}
