import { Miaohui } from "@miaohui/client";
import { accessToken, refresh } from "../session/session";

/** Somebody waits in front of the screen: soon done or soon said. */
const retrying = { attempts: 4, first: 400, longest: 3000, timeout: 30_000 };

/** The server that this page came from, asked as the one who is logged in; a token that was refused is renewed once. */
export const miaohui = new Miaohui("", { access: { key: accessToken, renew: refresh }, retrying });
