import type { Locale, WidgetSession } from "@miaohui/client";
import type { Words } from "../words";
import type { Picture, Refused } from "./types";

/** What an inbox takes. */
export type Takes = Pick<WidgetSession["inbox"], "pictures" | "files" | "file_types">;

const ZH = {
  add: "发图片或文件",
  tray: "要发的附件",
  drop: "松手，附件就放到这里",
  open: "看大图：{name}",
  original: "在新页打开",
  close: "返回对话",
  remove: "不发 {name}",
  again: "重新上传 {name}",
  progress: "{name} 正在上传",
  sending: "上传中 {percent}%",
  added: "已添加 {name}",
  type: "{name} 这种文件发不了。可以发 {kinds}。",
  size: "{name} 太大了，缩小后仍发不了。换一张小一些的。",
  moving: "{name} 是动图，动图最大 700 KB。",
  many: "一条最多 9 个附件，{name} 没有放进来。",
  large: "{name} 太大了，一个文件最大 25 MB。",
  empty: "{name} 是空的。",
  unreachable: "网络断了，还没传上去。连上后会再试。",
  throttled: "发得有点快，请稍等再试",
  pictures_off: "这里暂时不收图片",
  files_off: "这里暂时不收文件",
  file_kind: "这种文件发不了，请换一种",
  file_runs: "程序、网页和带宏的文件发不了",
  file_encrypted: "文件有密码，请去掉后再发",
  file_broken: "文件损坏了，打不开",
  file_large: "文件太大了，请换一个小一些的",
  files_full: "您发的文件太多了，请联系人工",
  failed: "没传上去",
  pictures: "图片",
};

const EN: typeof ZH = {
  add: "Send a picture or file",
  tray: "Attachments to send",
  drop: "Let go to add the files",
  open: "Enlarge: {name}",
  original: "Open in a new tab",
  close: "Back to the conversation",
  remove: "Leave out {name}",
  again: "Upload {name} again",
  progress: "Uploading {name}",
  sending: "Uploading, {percent}%",
  added: "{name} was added",
  type: "{name} cannot be sent. These can: {kinds}.",
  size: "{name} is too large, even made smaller. Choose a smaller one.",
  moving: "{name} moves; a moving picture may have up to 700 KB.",
  many: "A message takes 9 attachments; {name} was left out.",
  large: "{name} is too large; a file may have up to 25 MB.",
  empty: "{name} is empty.",
  unreachable: "You’re offline and it has not gone. We’ll try again.",
  throttled: "That was a little fast. Wait a few seconds and retry",
  pictures_off: "Pictures aren’t taken here at the moment",
  files_off: "Files aren’t taken here at the moment",
  file_kind: "Files of this kind cannot be sent",
  file_runs: "Programs, pages and documents with macros cannot be sent",
  file_encrypted: "The file has a password. Send it without one",
  file_broken: "The file is damaged and cannot be opened",
  file_large: "The file is too large. Choose a smaller one",
  files_full: "You have sent very many files. Ask for a person",
  failed: "It did not get through",
  pictures: "pictures",
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

/** Of kinds with several endings, the one that people know. */
const spare = new Set(["log", "md", "tsv", "oga", "opus", "m4v"]);

export function whyRefused(
  words: Words,
  { name, why }: Refused,
  { pictures, files, file_types }: Takes,
): string {
  const types = files ? (file_types ?? []).filter((one) => !spare.has(one)) : [];
  const all = [...(pictures ? [say(words, "pictures")] : []), ...types.map((one) => one.toUpperCase())];
  return say(words, why, { name, kinds: all.join(words.locale === "en" ? ", " : "、") });
}

const KNOWN = [
  "unreachable",
  "throttled",
  "pictures_off",
  "files_off",
  "file_kind",
  "file_runs",
  "file_encrypted",
  "file_broken",
  "file_large",
  "files_full",
] as const;

export function whyFailed(words: Words, { code }: Pick<Picture, "code">): string {
  return say(words, KNOWN.find((one) => one === code) ?? "failed");
}
