import { Skeleton } from "antd";
import styles from "./Soon.module.css";

/** In place of a part of the page that is still being fetched; what is there at once never flashes. */
export function Soon() {
  return (
    <div className={styles.soon}>
      <Skeleton active title={false} paragraph={{ rows: 4 }} />
    </div>
  );
}
