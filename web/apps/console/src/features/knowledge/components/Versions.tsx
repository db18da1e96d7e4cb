import { useQuery } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { dayAndTime, toMs } from "../../../shared/format/time";
import { useAct } from "../../../shared/http/useAct";
import { hasWord, useT } from "../../../shared/i18n/i18n";
import { prefs } from "../../../shared/prefs/prefs";
import { useGoverns } from "../../../shared/session/session";
import { useStore } from "../../../shared/store";
import { Chip } from "../../../shared/ui/Chip";
import { Empty } from "../../../shared/ui/Empty";
import { Loaded } from "../../../shared/ui/Loaded";
import { Rows } from "../../../shared/ui/Rows";
import { listVersions, rollBack, type Version } from "../api/writing";
import { published } from "../model/useDrafts";
import { DiffDrawer } from "./DiffDrawer";
import styles from "./Writing.module.css";

interface Props {
  /** The version whose changes are shown, or 0. */
  readonly open: number;
  readonly onOpen: (version: number) => void;
}

/** Every version that can be looked at: what it changed, and the way back to it. */
export function Versions({ open, onOpen }: Props) {
  const t = useT();
  const versions = useQuery({ queryKey: ["versions"], queryFn: ({ signal }) => listVersions(signal) });
  return (
    <Loaded of={versions}>
      {(all) => {
        const at = all.findIndex((one) => one.version === open);
        const before = all[at + 1];
        return (
          <>
            {all.length === 0 ? (
              <Empty title={t("versions.empty")} hint={t("versions.empty_hint")} />
            ) : (
              <Rows>
                {all.map((one, place) => (
                  <VersionRow
                    key={one.version}
                    version={one}
                    onOpen={place + 1 < all.length ? () => onOpen(one.version) : null}
                  />
                ))}
              </Rows>
            )}
            {at >= 0 && before && (
              <DiffDrawer version={open} other={before.version} onClose={() => onOpen(0)} />
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function VersionRow({
  version,
  onOpen,
}: {
  readonly version: Version;
  readonly onOpen: (() => void) | null;
}) {
  const t = useT();
  const governs = useGoverns();
  const { locale } = useStore(prefs);
  const back = useAct(() => rollBack(version.version), { refreshes: published });
  const word = `versions.${version.act}`;
  return (
    <li className={styles.row}>
      <strong className={styles.number}>#{version.version}</strong>
      <div className={styles.words}>
        <span>
          {hasWord(word) ? t(word) : version.act}
          {version.served && (
            <Chip tone="jade" beside>
              {t("versions.served")}
            </Chip>
          )}
        </span>
        <p className={styles.about}>
          {t("versions.holds", { articles: version.articles, chunks: version.chunks })} ·{" "}
          {dayAndTime(toMs(version.created_at), locale)}
        </p>
      </div>
      <span className={styles.acts}>
        {onOpen && <Button onClick={onOpen}>{t("versions.changes")}</Button>}
        {governs && !version.served && (
          <Popconfirm
            title={t("versions.back_title", { version: version.version })}
            description={t("versions.back_hint")}
            okText={t("versions.back")}
            cancelText={t("action.cancel")}
            onConfirm={() => back.mutate()}
          >
            <Button loading={back.isPending}>{t("versions.back")}</Button>
          </Popconfirm>
        )}
      </span>
    </li>
  );
}
