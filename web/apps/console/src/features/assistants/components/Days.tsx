import { Button, Input } from "antd";
import { X } from "lucide-react";
import { useT } from "../../../shared/i18n/i18n";
import { Choice } from "../../../shared/ui/Choice";
import { IconButton } from "../../../shared/ui/IconButton";
import type { Span } from "../model/offers";
import own from "./Offers.module.css";

interface Props {
  readonly legend: string;
  /** What it means that there are none. */
  readonly none: string;
  readonly spans: readonly Span[];
  readonly fault: boolean;
  readonly onChange: (spans: readonly Span[]) => void;
}

const most = 20;

/** Stretches of days, each from a first to a last. */
export function Days({ legend, none, spans, fault, onChange }: Props) {
  const t = useT();
  const change = (at: number, part: Partial<Span>) =>
    onChange(spans.map((one, n) => (n === at ? { ...one, ...part } : one)));
  const box = (at: number, end: "first" | "last") => (
    <Input
      aria-label={`${legend}: ${t(`offers.${end}`)}`}
      placeholder={end === "first" ? "2026-11-01" : "2026-11-11"}
      value={spans[at]?.[end] ?? ""}
      maxLength={10}
      aria-invalid={fault}
      onChange={(event) => change(at, { [end]: event.target.value.trim() })}
    />
  );
  return (
    <Choice legend={legend} hint={spans.length > 0 ? t("offers.days_hint") : none}>
      {spans.map((_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are told apart by their place alone
        <div key={at} className={own.days}>
          {box(at, "first")}
          <span aria-hidden="true">–</span>
          {box(at, "last")}
          <IconButton
            icon={X}
            name={t("offers.drop_days")}
            onClick={() => onChange(spans.filter((_other, n) => n !== at))}
          />
        </div>
      ))}
      {fault && <p role="alert">{t("offers.fault.days")}</p>}
      {spans.length < most && (
        <Button size="small" onClick={() => onChange([...spans, { first: "", last: "" }])}>
          {t("offers.add_days")}
        </Button>
      )}
    </Choice>
  );
}
