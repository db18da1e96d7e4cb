import { describe, expect, it } from "vitest";
import { outcomeOf } from "./outcome";

const said = (kind: string, text = "…") => ({ kind: "text", text, sender: { kind } });
const done = { kind: "activity", text: "resolved:小张", sender: { kind: "system" } };

describe("how it ended", () => {
  it("is by the assistant alone where no person spoke", () => {
    expect(outcomeOf([said("visitor"), said("assistant"), done])).toBe("assistant");
  });

  it("is by people where one spoke", () => {
    expect(outcomeOf([said("visitor"), said("assistant"), said("agent"), done])).toBe("people");
  });

  it("is that they came back where the visitor spoke after an end", () => {
    expect(outcomeOf([said("visitor"), said("assistant"), done, said("visitor"), done])).toBe("again");
  });

  it("is not known before the end, and a note after it is no coming back", () => {
    expect(outcomeOf([said("visitor"), said("agent")])).toBeNull();
    const note = { kind: "note", text: "…", sender: { kind: "agent" } };
    expect(outcomeOf([said("visitor"), done, note])).toBe("assistant");
  });
});
