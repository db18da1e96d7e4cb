/** What a login gives. */
export const grant = {
  access_token: "old",
  expires_in: 900,
  person: { id: "p", name: "小张", email: "z@example.com" },
  tenant: { id: "t", name: "云杉" },
  role: "agent",
};
