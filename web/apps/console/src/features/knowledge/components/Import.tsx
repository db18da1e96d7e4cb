import { useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { FileUp } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { plainWords } from "../../../shared/http/problem";
import { useT } from "../../../shared/i18n/i18n";
import { Dialog } from "../../../shared/ui/Dialog";
import { type Imported, importFile, importFiles } from "../api/writing";
import { batches, kinds, mostTogether, nothing, toBase64, together } from "../model/importing";
import { published } from "../model/useDrafts";
import styles from "./Import.module.css";

interface State {
  readonly all: number;
  readonly done: number;
  readonly report: Imported;
  readonly over: boolean;
  readonly fault: string;
}

async function take(files: readonly File[]): Promise<Imported> {
  const [first] = files;
  if (first && first.size > mostTogether) return importFile(first);
  const read = files.map(async (file) => ({ name: file.name, data: await toBase64(file) }));
  return importFiles(await Promise.all(read));
}

/** Files become articles at once; a file of the same name takes the place of the earlier one. */
export function Import({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<State | null>(null);
  const run = async (files: readonly File[]) => {
    if (files.length === 0) return;
    const { sent, tooLarge } = batches(files);
    let report: Imported = {
      ...nothing,
      problems: tooLarge.map((one) => ({ source: one.name, detail: t("import.too_large") })),
    };
    let done = tooLarge.length;
    setState({ all: files.length, done, report, over: false, fault: "" });
    try {
      for (const batch of sent) {
        report = together(report, await take(batch));
        done += batch.length;
        setState({ all: files.length, done, report, over: false, fault: "" });
      }
      setState({ all: files.length, done, report, over: true, fault: "" });
    } catch (error) {
      setState({ all: files.length, done, report, over: true, fault: plainWords(error) });
    }
    await Promise.all(published.map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    void run([...event.dataTransfer.files]);
  };
  return (
    <Dialog label={t("import.title")} onClose={onClose}>
      <div className={styles.import}>
        <h2>{t("import.title")}</h2>
        <p className={styles.about}>{t("import.about")}</p>
        {state === null ? (
          <button
            type="button"
            className={styles.drop}
            onClick={() => input.current?.click()}
            onDragOver={(event) => event.preventDefault()}
            onDrop={drop}
          >
            <FileUp size={24} strokeWidth={1.5} aria-hidden="true" />
            <strong>{t("import.choose")}</strong>
            <span className={styles.about}>{t("import.kinds")}</span>
          </button>
        ) : (
          <Report state={state} />
        )}
        <input
          ref={input}
          type="file"
          multiple
          hidden
          accept={kinds}
          aria-label={t("import.choose")}
          onChange={(event) => void run([...(event.target.files ?? [])])}
        />
        {state?.over && (
          <div className={styles.foot}>
            <Button onClick={() => setState(null)}>{t("import.more")}</Button>
            <Button type="primary" onClick={onClose}>
              {t("action.close")}
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  );
}

function Report({ state }: { readonly state: State }) {
  const t = useT();
  const { report } = state;
  const percent = Math.round((state.done / state.all) * 100);
  return (
    <div aria-live="polite">
      <Progress
        percent={percent}
        status={state.fault ? "exception" : state.over ? "success" : "active"}
        format={() => `${state.done} / ${state.all}`}
        aria-label={t("import.title")}
      />
      {state.fault && <p className={styles.fault}>{state.fault}</p>}
      {state.over && (
        <p>
          {t("import.done", { added: report.added, updated: report.updated, unchanged: report.unchanged })}
        </p>
      )}
      {report.problems.length > 0 && (
        <>
          <p className={styles.fault}>{t("import.left_out", { count: report.problems.length })}</p>
          <ul className={styles.problems}>
            {report.problems.map((one) => (
              <li key={one.source}>
                <strong>{one.source}</strong> {one.detail}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
