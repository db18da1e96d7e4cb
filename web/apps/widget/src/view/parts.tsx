/** What few visitors need, or only at the end; it comes when it is needed. */

export { After } from "./after";
export { Source } from "./source";
