import { accessToken } from "../session/session";
import { Problem, readProblem } from "./problem";

/** Fetches a file as the one who is logged in, and hands it to the browser to keep. */
export async function download(path: string, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${await accessToken()}` };
  const response = await fetch(path, { headers }).catch(() => null);
  if (response === null) throw new Problem({ status: 0, code: "offline" });
  if (!response.ok) throw await readProblem(response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
