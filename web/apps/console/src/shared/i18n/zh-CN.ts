import { assistants } from "./zh-CN/assistants";
import { audit } from "./zh-CN/audit";
import { channels } from "./zh-CN/channels";
import { contacts } from "./zh-CN/contacts";
import { demand } from "./zh-CN/demand";
import { desk } from "./zh-CN/desk";
import { engines } from "./zh-CN/engines";
import { insight } from "./zh-CN/insight";
import { journal } from "./zh-CN/journal";
import { knowledge } from "./zh-CN/knowledge";
import { limits } from "./zh-CN/limits";
import { mine } from "./zh-CN/mine";
import { offers } from "./zh-CN/offers";
import { office } from "./zh-CN/office";
import { problems } from "./zh-CN/problems";
import { serving } from "./zh-CN/serving";
import { settings } from "./zh-CN/settings";
import { shell } from "./zh-CN/shell";
import { strain } from "./zh-CN/strain";
import { tickets } from "./zh-CN/tickets";
import { translation } from "./zh-CN/translation";
import { webhooks } from "./zh-CN/webhooks";
import { where } from "./zh-CN/where";

export const zhCN = {
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
} as const;

export type Words = Readonly<Record<keyof typeof zhCN, string>>;
