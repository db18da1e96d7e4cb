import type { Locale } from "@miaohui/client";
import type { Words } from "../words";
import type { Picture, Refused } from "./types";

const ZH = {
  add: "发图片",
  tray: "要发的图片",
  drop: "松手，图片就放到这里",
  open: "看大图：{name}",
  original: "在新页打开",
  close: "返回对话",
  remove: "不发 {name}",
  again: "重新上传 {name}",
  progress: "{name} 正在上传",
  sending: "图片上传中 {percent}%",
  added: "已添加 {name}",
  type: "{name} 不是图片。可以发 JPG、PNG、GIF、WebP。",
  size: "{name} 太大了，缩小后仍发不了。换一张小一些的。",
  moving: "{name} 是动图，动图最大 700 KB。",
  many: "一条最多 9 张图片，{name} 没有放进来。",
  unreachable: "网络断了，图片没传上去。连上后会再试。",
  throttled: "图片发得有点快，请稍等再试",
  pictures_off: "这里暂时不收图片",
  failed: "图片没传上去",
};

const EN: typeof ZH = {
  add: "Send a picture",
  tray: "Pictures to send",
  drop: "Let go to add the pictures",
  open: "Enlarge: {name}",
  original: "Open in a new tab",
  close: "Back to the conversation",
  remove: "Leave out {name}",
  again: "Upload {name} again",
  progress: "Uploading {name}",
  sending: "Uploading pictures, {percent}%",
  added: "{name} was added",
  type: "{name} is no picture. JPG, PNG, GIF and WebP can be sent.",
  size: "{name} is too large, even made smaller. Choose a smaller one.",
  moving: "{name} moves; a moving picture may have up to 700 KB.",
  many: "A message takes 9 pictures; {name} was left out.",
  unreachable: "You’re offline and the picture has not gone. We’ll try again.",
  throttled: "That was a little fast. Wait a few seconds and retry",
  pictures_off: "Pictures aren’t taken here at the moment",
  failed: "The picture did not get through",
};

const TABLES: Record<Locale, typeof ZH> = { "zh-CN": ZH, en: EN };

export type PictureWord = keyof typeof ZH;

export function say(
  { locale }: Words,
  word: PictureWord,
  values: Record<string, string | number> = {},
): string {
  return TABLES[locale][word].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export const whyRefused = (words: Words, { name, why }: Refused): string => say(words, why, { name });

export function whyFailed(words: Words, { code }: Pick<Picture, "code">): string {
  const known = (["unreachable", "throttled", "pictures_off"] as const).find((one) => one === code);
  return say(words, known ?? "failed");
}
