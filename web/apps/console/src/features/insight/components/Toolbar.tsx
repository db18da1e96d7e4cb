import { App, Button } from "antd";
import { download } from "../../../shared/http/download";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Chooser } from "../../../shared/ui/Chooser";
import bar from "../../../shared/ui/Toolbar.module.css";
import { asked } from "../api/insight";
import {
  type Among,
  type Choices,
  isNarrowed,
  type Shown,
  type Side,
  shownWith,
  sides,
} from "../model/among";
import { type Days, periods, stretchOf } from "../model/period";
import styles from "./Insight.module.css";

interface Props {
  readonly days: Days;
  readonly among: Among;
  readonly choices: Choices;
  readonly onShow: (shown: Shown) => void;
}

/** Which stretch of time and which conversations; the address keeps it, and the export goes by it. */
export function Toolbar({ days, among, choices, onShow }: Props) {
  const t = useT();
  const { message } = App.useApp();
  const show = (change: Partial<Shown>) => onShow(shownWith(days, among, change));
  const save = () =>
    void download(
      `/v1/insight/over-time.csv${asked(stretchOf(days, new Date()), among)}`,
      "over-time.csv",
    ).catch((error) => void message.error(plainWords(error)));
  return (
    <>
      <div className={bar.bar}>
        <Chooser
          label={t("insight.period")}
          value={t(`insight.days.${days}`)}
          options={periods.map((one) => ({
            key: String(one),
            name: t(`insight.days.${one}`),
            chosen: one === days,
          }))}
          onPick={(key) => show({ days: key === "7" ? undefined : key })}
        >
          {t(`insight.days.${days}`)}
        </Chooser>
        {sides
          .filter((side) => choices[side].length > 1 || among[side])
          .map((side) => (
            <SideChooser
              key={side}
              side={side}
              options={choices[side]}
              chosen={among[side]}
              onPick={(id) => show({ [side]: id || undefined })}
            />
          ))}
        {isNarrowed(among) && (
          <Button type="link" onClick={() => onShow(days === 7 ? {} : { days: String(days) })}>
            {t("insight.all_of_them")}
          </Button>
        )}
        <span className={bar.end}>
          <Button onClick={save}>{t("tickets.export")}</Button>
        </span>
      </div>
      {isNarrowed(among) && <p className={styles.partly}>{t("insight.narrowed")}</p>}
    </>
  );
}

interface SideProps {
  readonly side: Side;
  readonly options: Choices[Side];
  readonly chosen: string;
  readonly onPick: (id: string) => void;
}

const every = "*";

function SideChooser({ side, options, chosen, onPick }: SideProps) {
  const t = useT();
  const all = t(`insight.every_${side}`);
  const name = options.find((one) => one.id === chosen)?.name ?? all;
  return (
    <Chooser
      label={side === "inbox" ? t("contact.inbox") : t(`insight.${side}`)}
      value={name}
      options={[{ id: "", name: all }, ...options].map((one) => ({
        key: one.id || every,
        name: one.name,
        chosen: one.id === chosen,
      }))}
      onPick={(key) => onPick(key === every ? "" : key)}
    >
      {name}
    </Chooser>
  );
}
