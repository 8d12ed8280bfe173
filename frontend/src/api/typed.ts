import createFetch from "openapi-fetch";
import type { Client } from "./client";
import type { paths } from "./schema";

/** The API's paths with their types, over `client`: it adds key and language, and throws its errors. */
export function typedClient(client: Client) {
  return createFetch<paths>({
    baseUrl: new URL(".", document.baseURI).href.replace(/\/$/, ""),
    fetch: async (request) =>
      client.request(request.url, {
        method: request.method,
        headers: request.headers,
        signal: request.signal,
        body: request.method === "GET" ? null : await request.text(),
      }),
  });
}

/** What a call brought. An error was thrown before it could come here. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
