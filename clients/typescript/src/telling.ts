/** A request that tells how much of its body has gone. `fetch` cannot; where there is nothing else, it tells the end. */
export async function fetchTelling(
  url: string,
  init: { method: string; headers: Record<string, string>; body: string | Blob | null; signal: AbortSignal },
  onSent: (share: number) => void,
): Promise<Response> {
  if (typeof XMLHttpRequest === "undefined") {
    const answer = await fetch(url, init);
    onSent(1);
    return answer;
  }
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => {
      request.abort();
      reject(init.signal.reason);
    };
    if (init.signal.aborted) return stop();
    init.signal.addEventListener("abort", stop, { once: true });
    request.open(init.method, url);
    for (const [name, value] of Object.entries(init.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
    request.onerror = () => reject(new TypeError("The connection was lost."));
    request.onload = () => {
      init.signal.removeEventListener("abort", stop);
      onSent(1);
      const wait = request.getResponseHeader("retry-after");
      const headers = wait ? { "retry-after": wait } : {};
      resolve(new Response(request.responseText || null, { status: request.status, headers }));
    };
    request.send(init.body);
  });
}
