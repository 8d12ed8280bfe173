import type { Transport } from "./client";

/** A transport that tells how much of the body has been sent, which `fetch` cannot. */
export function withProgress(onSent: (part: number) => void): Transport {
  return (url, init) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(init.method ?? "GET", url);
      init.headers.forEach((value, name) => request.setRequestHeader(name, value));
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) onSent(event.loaded / event.total);
      };
      request.onload = () => {
        const { status, statusText, responseText } = request;
        resolve(new Response(responseText || null, { status, statusText }));
      };
      request.onerror = () => reject(new TypeError("network error"));
      request.onabort = () => reject(init.signal?.reason ?? new DOMException("", "AbortError"));
      init.signal?.addEventListener("abort", () => request.abort());
      request.send(init.body as XMLHttpRequestBodyInit | null);
    });
}
