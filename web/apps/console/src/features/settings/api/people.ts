import { request } from "../../../shared/http/request";

export const roles = ["owner", "admin", "agent"] as const;
export type Role = (typeof roles)[number];

/** Somebody who may sign in, or once could. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly active: boolean;
  readonly created_at: string;
}

export interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly role: Role;
}

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly created_at: string;
}

const at = (id: string, what = "") => `/v1/people/${encodeURIComponent(id)}${what}`;

export const listPeople = async (signal: AbortSignal) =>
  (await request<{ data: readonly Person[] }>("/v1/people", { signal })).data;

export const addPerson = (person: NewPerson) =>
  request<Person>("/v1/people", { method: "POST", body: person });

export const changePerson = (id: string, change: { readonly role?: Role; readonly active?: boolean }) =>
  request<Person>(at(id), { method: "PATCH", body: change });

/** Of one's own, with the one that holds until now. */
export const setPassword = (id: string, password: string, current: string) =>
  request<void>(at(id, "/password"), { method: "POST", body: { password, current } });

export const getCompany = (signal: AbortSignal) => request<Company>("/v1/company", { signal });

export const changeCompany = (name: string) =>
  request<Company>("/v1/company", { method: "PATCH", body: { name } });
