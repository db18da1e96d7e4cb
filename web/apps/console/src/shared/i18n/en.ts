import { assistants } from "./en/assistants";
import { audit } from "./en/audit";
import { channels } from "./en/channels";
import { contacts } from "./en/contacts";
import { demand } from "./en/demand";
import { desk } from "./en/desk";
import { engines } from "./en/engines";
import { insight } from "./en/insight";
import { journal } from "./en/journal";
import { knowledge } from "./en/knowledge";
import { limits } from "./en/limits";
import { mine } from "./en/mine";
import { offers } from "./en/offers";
import { office } from "./en/office";
import { problems } from "./en/problems";
import { serving } from "./en/serving";
import { settings } from "./en/settings";
import { shell } from "./en/shell";
import { strain } from "./en/strain";
import { tickets } from "./en/tickets";
import { translation } from "./en/translation";
import { webhooks } from "./en/webhooks";
import { where } from "./en/where";
import type { Words } from "./zh-CN";

export const en: Words = {
  ...shell,
  ...problems,
  ...desk,
  ...journal,
  ...knowledge,
  ...serving,
  ...settings,
  ...channels,
  ...office,
  ...mine,
  ...webhooks,
  ...audit,
  ...assistants,
  ...contacts,
  ...engines,
  ...tickets,
  ...insight,
  ...demand,
  ...translation,
  ...limits,
  ...where,
  ...strain,
  ...offers,
};
