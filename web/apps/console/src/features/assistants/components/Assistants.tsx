import { useQuery } from "@tanstack/react-query";
import { useT } from "../../../shared/i18n/i18n";
import { Chooser } from "../../../shared/ui/Chooser";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import bar from "../../../shared/ui/Toolbar.module.css";
import { getServed } from "../api/assistants";
import { AssistantForm } from "./AssistantForm";

interface Props {
  readonly inboxes: readonly {
    readonly id: string;
    readonly name: string;
    readonly assistant_name: string;
  }[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

/** The assistant of each inbox: one at a time, as its visitors meet it. */
export function Assistants({ inboxes, chosen, onChoose }: Props) {
  const t = useT();
  const inbox = inboxes.find((one) => one.id === chosen) ?? inboxes[0];
  const served = useQuery({
    queryKey: ["assistant", inbox?.id],
    queryFn: ({ signal }) => getServed(inbox?.id ?? "", signal),
    enabled: inbox !== undefined,
  });
  if (!inbox) return <Empty title={t("inboxes.empty")} hint={t("inboxes.empty_hint")} />;
  return (
    <>
      {inboxes.length > 1 && (
        <div className={bar.bar}>
          <Chooser
            label={t("assistants.of_inbox")}
            value={inbox.name}
            options={inboxes.map((one) => ({
              key: one.id,
              name: one.name,
              about: one.assistant_name,
              chosen: one.id === inbox.id,
            }))}
            onPick={onChoose}
          >
            {inbox.name}
          </Chooser>
        </div>
      )}
      <Loaded of={served}>{(found) => <AssistantForm key={found.id} served={found} />}</Loaded>
    </>
  );
}
