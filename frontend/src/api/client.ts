import type { ApiErrorBody } from "./types";

/** The server answered, with an error that it names. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ApiErrorBody,
  ) {
    super(body.message);
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {}

export interface ClientOptions {
  /** The API key in use, if any. */
  key: () => string | null;
  /** Asks the person for a key after a 401; null: they declined. */
  askKey: () => Promise<string | null>;
  language: () => string;
}

export type Client = ReturnType<typeof createClient>;

/** `fetch` relative to the page (so that a path prefix needs no setting), with key and language. */
export function createClient(options: ClientOptions) {
  async function send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("Accept-Language", options.language());
    const key = options.key();
    if (key) headers.set("Authorization", `Bearer ${key}`);
    try {
      return await fetch(new URL(path, document.baseURI), { ...init, headers });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new Unreachable(path, { cause });
    }
  }

  /** Resolves with a 2xx response; else throws ApiError, Unreachable or the abort. */
  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    let response = await send(path, init);
    // A 401 did no work, so asking again once there is a key repeats nothing.
    while (response.status === 401 && (await options.askKey()) !== null) {
      response = await send(path, init);
    }
    if (!response.ok) throw new ApiError(response.status, await errorBody(response));
    return response;
  }

  async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await (await request(path, init)).json()) as T;
  }

  function post(body: unknown, init: RequestInit = {}): RequestInit {
    const headers = new Headers(init.headers);
    headers.set("Content-Type", "application/json");
    return { ...init, method: "POST", headers, body: JSON.stringify(body) };
  }

  return { request, json, post, raw: send, hasKey: () => options.key() !== null };
}

/** The error that a response carries; a proxy's page has none of our shape. */
export async function errorBody(response: Response): Promise<ApiErrorBody> {
  const fallback = { code: `http_${response.status}`, message: response.statusText, hint: "" };
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== "object" || body === null || !("error" in body)) return fallback;
  return { ...fallback, ...(body.error as Partial<ApiErrorBody>) };
}
