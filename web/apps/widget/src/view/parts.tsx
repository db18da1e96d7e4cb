/** What few visitors need, or only at the end; it comes when it is needed. */

import style from "../late.css?inline";
import { FileChip } from "./file";
import { later } from "./prose";

later.file = (name, src) => <FileChip key={src} name={name} src={src} />;

export { trayOf } from "../pictures/tray";
export { After } from "./after";
export { Attached } from "./attached";
export { Parcels } from "./parcels";
export { Pictures } from "./pictures";
export { Source } from "./source";
export { style };
