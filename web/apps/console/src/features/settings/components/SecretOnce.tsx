import { Button } from "antd";
import { useT } from "../../../shared/i18n/i18n";
import { CopyText } from "../../../shared/ui/CopyText";
import { Dialog } from "../../../shared/ui/Dialog";
import dialog from "../../../shared/ui/FormDialog.module.css";

interface Props {
  readonly title: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** A secret that the server tells this once. */
export function SecretOnce({ title, secret, onClose }: Props) {
  const t = useT();
  return (
    <Dialog label={title} onClose={onClose}>
      <div className={dialog.form}>
        <h2>{title}</h2>
        <p>{t("keys.once")}</p>
        <CopyText text={secret} />
        <Button type="primary" onClick={onClose}>
          {t("keys.kept")}
        </Button>
      </div>
    </Dialog>
  );
}
