import { Miaohui, worthAnother } from "@miaohui/client";
import { Store, useStore } from "../store";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface Grant {
  readonly access_token: string;
  readonly expires_in: number;
  readonly person: Person;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly role: string;
}

/** `unknown` until the first refresh answered; the access token is never stored outside memory. */
export type Session =
  | { readonly state: "unknown" }
  | { readonly state: "out" }
  | { readonly state: "in"; readonly grant: Grant; readonly renewAt: number };

export const session = new Store<Session>({ state: "unknown" });

/** The id of who is logged in, or "". */
export function useMyId(): string {
  const now = useStore(session);
  return now.state === "in" ? now.grant.person.id : "";
}

/** What who is logged in may do, by role; "" for nobody. */
export function useRole(): string {
  const now = useStore(session);
  return now.state === "in" ? now.grant.role : "";
}

/** Whether who is logged in may change how the place is set up. */
export function useGoverns(): boolean {
  const now = useStore(session);
  return now.state === "in" && (now.grant.role === "owner" || now.grant.role === "admin");
}

/** Asked once only: a refresh whose answer was lost has spent its token, and a login is tried again by people. */
const door = new Miaohui("", { access: { key: heldToken }, retrying: { attempts: 1, timeout: 30_000 } });

let refreshing: Promise<boolean> | null = null;

export async function logIn(email: string, password: string): Promise<void> {
  accept(await post("/v1/auth/login", { email, password }));
}

/** Trades the refresh cookie for a new access token; one request however many ask. False: log in again. */
export function refresh(): Promise<boolean> {
  refreshing ??= alone(renew).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** An access token with life left in it, or "" when logged out. */
export async function accessToken(): Promise<string> {
  const now = session.get();
  if (now.state === "out") return "";
  if (now.state === "in" && Date.now() < now.renewAt) return now.grant.access_token;
  await refresh().catch(() => false);
  const after = session.get();
  return after.state === "in" ? after.grant.access_token : "";
}

export async function logOut(): Promise<void> {
  await post("/v1/auth/logout", {}).catch(() => null);
  session.set({ state: "out" });
}

/** Two tabs with one cookie would spend the same refresh token, which ends the login: one after the other. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? await locks.request("miaohui.refresh", work) : await work();
}

async function renew(): Promise<boolean> {
  try {
    accept(await post("/v1/auth/refresh", {}));
    return true;
  } catch (error) {
    if (worthAnother(error)) throw error;
    session.set({ state: "out" });
    return false;
  }
}

function accept(grant: Grant): void {
  const margin = Math.min(60, grant.expires_in / 4);
  session.set({ state: "in", grant, renewAt: Date.now() + (grant.expires_in - margin) * 1000 });
}

function heldToken(): string {
  const now = session.get();
  return now.state === "in" ? now.grant.access_token : "";
}

function post(path: string, body: object): Promise<Grant> {
  return door.request("POST", path, { body });
}
