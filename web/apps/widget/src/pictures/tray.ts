/**
 * Pictures and files on their way: below the words that are being written, and in messages that wait for them. They are uploaded as
 * soon as they are chosen; a message goes when its last picture is there, under a client id that it had from the beginning.
 */

import { ApiError, PATIENT, Transport, upload } from "@miaohui/client";
import { newCmid } from "@miaohui/conversation/outbox";
import { fileTypes, mostAtOnce, nameOf } from "@miaohui/ui/pictures";
import { fit } from "@miaohui/ui/shrink";
import type { Visit } from "../visit";
import { forget, keep, recall } from "./kept";
import { type Parcel, type Picture, type Refused, textOf } from "./types";

/** What outlives the page. Whose it is stands beside it: another visitor of the same browser gets nothing of it. */
interface Kept {
  contact: string;
  pictures: readonly Picture[];
  parcels: readonly Parcel[];
}

const retrying = { ...PATIENT, attempts: 4, longest: 10_000 };
/** What a network did, and not the server: tried again by itself. */
const LOST = "unreachable";

export class Tray {
  pictures: readonly Picture[] = [];
  parcels: readonly Parcel[] = [];
  refused: readonly Refused[] = [];
  /** The names of those that were added last. */
  told = "";
  private readonly stops = new Map<string, AbortController>();
  private readonly server: Transport;
  private contact = "";
  private conv = "";
  private link = "";

  constructor(private readonly visit: Visit) {
    const key = () => visit.server.token;
    this.server = new Transport(visit.server.base, { key }, retrying);
    visit.carry = (words, below) => this.carry(words, below);
    visit.watch(() => this.follow());
    this.follow();
  }

  /** Whether any may be sent. */
  get takes(): boolean {
    const inbox = this.visit.scene.session?.inbox;
    return !!(inbox?.pictures || inbox?.files);
  }

  /** Takes in what can be taken, and says of the rest why not. */
  async add(files: readonly File[]): Promise<void> {
    if (!files.length) return;
    // Dropped while the session opens: it says what is taken.
    await this.visit.enter().catch(() => undefined);
    if (!this.takes) return;
    this.refused = [];
    const known = this.pictures;
    for (const file of files) {
      const name = nameOf(file.name);
      const { pictures, files, file_types = fileTypes } = this.visit.scene.session?.inbox ?? {};
      const made =
        this.pictures.length < mostAtOnce ? await fit(file, files ? file_types : [], !!pictures) : "many";
      if (typeof made === "string") this.refused = [...this.refused, { name, why: made }];
      else this.put(name, made.file, made.picture);
    }
    const fresh = this.pictures.filter((one) => !known.some(({ id }) => id === one.id));
    this.told = fresh.map((one) => one.name).join(", ");
    this.changed();
  }

  remove(id: string): void {
    this.release(this.pictures.filter((one) => one.id === id));
    this.pictures = this.pictures.filter((one) => one.id !== id);
    this.changed();
  }

  again(id: string): void {
    void this.upload(id);
  }

  retry(cmid: string): void {
    for (const { id, state } of this.parcel(cmid)?.pictures ?? []) if (state === "failed") this.again(id);
  }

  drop(cmid: string): void {
    this.release(this.parcel(cmid)?.pictures ?? []);
    this.parcels = this.parcels.filter((one) => one.cmid !== cmid);
    this.changed();
  }

  /** Whether the pictures went with these words. */
  private carry(words: string, below: string): boolean {
    if (!this.pictures.length) return false;
    const cmid = newCmid(Date.now(), Math.random);
    this.parcels = [...this.parcels, { cmid, words, below, pictures: this.pictures }];
    this.pictures = this.refused = [];
    this.changed();
    this.post();
    return true;
  }

  private put(name: string, file: Blob, isPicture: boolean): void {
    const id = newCmid(Date.now(), Math.random);
    const preview = isPicture ? URL.createObjectURL(file) : "";
    const picture: Picture = { id, name, file, preview, state: "sending", share: 0, url: "", code: "" };
    this.pictures = [...this.pictures, picture];
    this.changed();
    void this.upload(id);
  }

  private async upload(id: string): Promise<void> {
    const one = this.all().find((other) => other.id === id);
    if (!one || this.stops.has(id)) return;
    const stop = new AbortController();
    this.stops.set(id, stop);
    this.patch(id, { state: "sending", share: 0, code: "" });
    try {
      const onSent = (share: number) => this.patch(id, { share });
      const sent = await upload(this.server, one.file, {
        key: id,
        signal: stop.signal,
        onSent,
        name: one.name,
      });
      // So that it is there when the thread shows it from the server.
      if (one.preview) new Image().src = this.visit.server.base + sent.url;
      const name = one.preview ? one.name : sent.name;
      this.patch(id, { state: "ready", share: 1, url: sent.url, name });
    } catch (error) {
      if (stop.signal.aborted) return;
      this.patch(id, { state: "failed", code: error instanceof ApiError ? error.code : LOST });
    } finally {
      this.stops.delete(id);
    }
    this.save();
    this.post();
  }

  /** Sends the messages whose pictures are there, in their order; one that failed does not hold up the next. */
  private post(): void {
    for (const parcel of this.parcels) {
      const states = parcel.pictures.map((one) => one.state);
      if (states.includes("sending")) return;
      if (states.includes("failed") || !this.visit.post(textOf(parcel), parcel.cmid)) continue;
      this.drop(parcel.cmid);
    }
  }

  /** Another visitor, another conversation, a network that is back. */
  private follow(): void {
    const { session, talk } = this.visit.scene;
    const [contact, conv, link] = [session?.contact.id ?? "", this.conv, this.link];
    [this.conv, this.link] = [talk.conv, talk.link];
    if (contact && contact !== this.contact) {
      const other = this.contact !== "";
      this.contact = contact;
      if (other) this.clear();
      void this.restore(contact);
    }
    // Without a session it is only being opened again, perhaps for the same visitor.
    if (session && conv && !talk.conv) this.clear();
    if (link && link !== "online" && talk.link === "online") {
      for (const { id, code } of this.all()) if (code === LOST) this.again(id);
      this.post();
    }
  }

  private async restore(contact: string): Promise<void> {
    const kept = await recall<Kept>(this.key());
    if (contact !== this.contact) return;
    if (kept?.contact !== contact) return this.save();
    const { talk } = this.visit.scene;
    const known = [...talk.messages, ...talk.pending, ...this.parcels].map((one) => one.cmid);
    const revived = (one: Picture): Picture =>
      one.preview ? { ...one, preview: URL.createObjectURL(one.file) } : one;
    const ids = this.all().map((one) => one.id);
    this.pictures = [
      ...kept.pictures.filter((one) => !ids.includes(one.id)).map(revived),
      ...this.pictures,
    ].slice(0, mostAtOnce);
    const parcels = kept.parcels.filter((one) => !known.includes(one.cmid));
    this.parcels = [
      ...parcels.map((one) => ({ ...one, pictures: one.pictures.map(revived) })),
      ...this.parcels,
    ];
    this.changed();
    for (const { id, state } of this.all()) if (state !== "ready") void this.upload(id);
    this.post();
  }

  private clear(): void {
    this.release(this.all());
    this.pictures = this.parcels = this.refused = [];
    this.changed();
  }

  /** No longer wanted here. */
  private release(pictures: readonly Picture[]): void {
    for (const { id, preview } of pictures) {
      this.stops.get(id)?.abort();
      this.stops.delete(id);
      if (preview) URL.revokeObjectURL(preview);
    }
  }

  private patch(id: string, change: Partial<Picture>): void {
    const patched = (all: readonly Picture[]) =>
      all.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.pictures = patched(this.pictures);
    this.parcels = this.parcels.map((one) => ({ ...one, pictures: patched(one.pictures) }));
    this.visit.show({});
  }

  private changed(): void {
    this.save();
    this.visit.show({ laden: this.pictures.length > 0 });
  }

  private save(): void {
    const { contact, pictures, parcels } = this;
    const some = pictures.length + parcels.length > 0;
    this.visit.mark("pictures", some ? "1" : "");
    void (some ? keep(this.key(), { contact, pictures, parcels } satisfies Kept) : forget(this.key()));
  }

  private all(): Picture[] {
    return [...this.pictures, ...this.parcels.flatMap((one) => one.pictures)];
  }

  private parcel(cmid: string): Parcel | undefined {
    return this.parcels.find((one) => one.cmid === cmid);
  }

  private key(): string {
    return this.visit.shell.options.base + this.visit.shell.options.site;
  }
}

const trays = new WeakMap<Visit, Tray>();

/** The one of this visit; what an earlier page did not get to send goes on as soon as it is asked for. */
export function trayOf(visit: Visit): Tray {
  const tray = trays.get(visit) ?? new Tray(visit);
  trays.set(visit, tray);
  return tray;
}
