import type { ReactNode } from "react";
import styles from "./Page.module.css";

interface Props {
  readonly title: string;
  readonly about: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

/** A page's head, the same everywhere: its title, one sentence of what it is for, the primary action. */
export function Page({ title, about, action, children }: Props) {
  return (
    <section className={styles.page} aria-labelledby="page-title">
      <header className={styles.head}>
        <div>
          <h1 id="page-title" className={styles.title}>
            {title}
          </h1>
          <p className={styles.about}>{about}</p>
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}
