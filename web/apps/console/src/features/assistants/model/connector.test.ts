import { describe, expect, it } from "vitest";
import type { Connector } from "../api/connectors";
import { blank, filledOf, mayBeNamed, writtenOf } from "./connector";

const known: Connector = {
  name: "crm",
  kind: "http",
  url: "https://crm.example.com",
  description: "",
  auth: { kind: "bearer", name: "", user: "" },
  timeout_s: 8,
  enabled: true,
  operations: [{ name: "get_profile", path: "/x", sql: "" }],
  identity: null,
};

describe("a connector as one writes it", () => {
  it("is sent as the server reads it, keeping what is not asked for here", () => {
    expect(writtenOf(filledOf(known), known)).toEqual({
      url: "https://crm.example.com",
      description: "",
      auth: known.auth,
      timeout_s: 8,
      enabled: true,
      operations: [{ name: "get_profile", path: "/x" }],
      identity: null,
    });
  });

  it("tells a secret only when one was typed", () => {
    expect(writtenOf({ ...blank, secret: "s" }, undefined)).toMatchObject({ secret: "s" });
    expect(writtenOf(blank, undefined)).not.toHaveProperty("secret");
  });

  it("is not sent while its operations are no list", () => {
    expect(writtenOf({ ...blank, operations: "{}" }, undefined)).toBeNull();
    expect(writtenOf({ ...blank, operations: "[" }, undefined)).toBeNull();
    expect(writtenOf({ ...blank, identity: "{" }, undefined)).toBeNull();
  });

  it("has a plain name", () => {
    expect(["crm", "erp_2"].every(mayBeNamed)).toBe(true);
    expect(["CRM", "2x", "a-b", ""].some(mayBeNamed)).toBe(false);
  });
});
