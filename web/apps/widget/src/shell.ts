/** What the loader has put on the page, and what it expects of the app that it loads. */

export interface Options {
  site: string;
  /** The server's address, without a slash at the end. */
  base: string;
  locale?: string;
  theme?: string;
  position?: string;
  /** Set to "off" to show no bubble; the page opens the window itself. */
  bubble?: string;
}

export type EventName = "ready" | "open" | "close" | "message" | "unread" | "handoff" | "rating" | "error";

export interface Shell {
  host: HTMLElement;
  root: ShadowRoot;
  bubble: HTMLButtonElement;
  options: Options;
  emit(event: EventName, detail?: unknown): void;
}

export interface App {
  /** Runs one method of the public API. */
  call(method: string, args: unknown[]): unknown;
}

export interface AppModule {
  start(shell: Shell): Promise<App>;
}
