import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import { useFocusBack } from "../../../shared/ui/useFocusBack";
import { type Difference, getDiff } from "../api/writing";
import { fateTones, kindOf } from "../model/drafts";
import styles from "./Writing.module.css";

interface Props {
  readonly version: number;
  readonly other: number;
  readonly onClose: () => void;
}

/** What one version changed of the one before, article by article. */
export function DiffDrawer({ version, other, onClose }: Props) {
  const t = useT();
  useFocusBack();
  const diff = useQuery({
    queryKey: ["versions", version, "diff", other],
    queryFn: ({ signal }) => getDiff(version, other, signal),
  });
  return (
    <Drawer
      open
      title={t("versions.between", { version, other })}
      onClose={onClose}
      size={820}
      closable={{ "aria-label": t("action.close") }}
    >
      <Loaded of={diff}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={t("versions.same")} hint={t("versions.same_hint")} />
          ) : (
            found.map((one) => <Changed key={one.article_id} difference={one} />)
          )
        }
      </Loaded>
    </Drawer>
  );
}

function Changed({ difference }: { readonly difference: Difference }) {
  const t = useT();
  const fate = { added: "new", changed: "changed", removed: "removed" } as const;
  return (
    <section className={styles.changed}>
      <h2>
        {difference.title}
        <Chip tone={fateTones[fate[difference.change]]} beside>
          {t(`drafts.${fate[difference.change]}`)}
        </Chip>
      </h2>
      {difference.lines.length > 0 && (
        <pre className={styles.diff}>
          {difference.lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a diff have no other name, and never move
            <span key={at} data-kind={kindOf(line)}>
              {line || " "}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
    </section>
  );
}
