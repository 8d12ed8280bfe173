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

/** What was asked for does not exist, or no more. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The server did not answer at all. */
export class Unreachable extends Error {}

/** What is asked of the person: a key, the operator's key, or to sign in again. */
export type Wanted = "caller" | "operator" | "session";

export interface ClientOptions {
  /** The API key in use, if any. */
  key: () => string | null;
  /**
   * Asks the person for what a request lacks; null: they declined. `wrong`: the key that was sent
   * was not accepted.
   */
  askKey: (wanted: Wanted, wrong: boolean) => Promise<string | null>;
  language: () => string;
}

export type Client = ReturnType<typeof createClient>;

/** How a request goes out and its response comes back: `fetch`, or something with its contract. */
export type Transport = (url: URL, init: RequestInit & { headers: Headers }) => Promise<Response>;

/** `fetch` relative to the page (so that a path prefix needs no setting), with key and language. */
export function createClient(options: ClientOptions) {
  async function send(path: string, init: RequestInit, transport: Transport): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("Accept-Language", options.language());
    const key = options.key();
    if (key) headers.set("Authorization", `Bearer ${key}`);
    try {
      return await transport(new URL(path, document.baseURI), { ...init, headers });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new Unreachable(path, { cause });
    }
  }

  /** Resolves with a 2xx response; else throws ApiError, Unreachable or the abort. */
  async function request(
    path: string,
    init: RequestInit = {},
    transport: Transport = direct,
  ): Promise<Response> {
    for (let asked = false; ; asked = true) {
      const key = options.key();
      const response = await send(path, init, transport);
      if (response.ok) return response;
      const error = await errorBody(response);
      const kind = wantedBy(error.code, key);
      // Such a request did no work, so asking again once there is another key repeats nothing.
      const wrong = kind === "caller" ? key !== null : asked;
      const again = kind !== null && (options.key() !== key || (await options.askKey(kind, wrong)) !== null);
      if (!again) throw new ApiError(response.status, error);
    }
  }

  async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await (await request(path, init)).json()) as T;
  }

  function post(body: unknown, init: RequestInit = {}): RequestInit {
    const headers = new Headers(init.headers);
    headers.set("Content-Type", "application/json");
    return { ...init, method: "POST", headers, body: JSON.stringify(body) };
  }

  const raw = (path: string) => send(path, {}, direct);
  return { request, json, post, raw, hasKey: () => options.key() !== null };
}

/** Other refusals with a 401, such as of an old password, are for whoever sent the request. */
function wantedBy(code: string, key: string | null): Wanted | null {
  if (code === "operator_only") return "operator";
  if (code === "sign_in_needed") return key === null ? "session" : "caller";
  return code === "api_key_wrong" || code === "http_401" ? "caller" : null;
}

const direct: Transport = (url, init) => fetch(url, init);

/** The error that a response carries; a proxy's page has none of our shape. */
export async function errorBody(response: Response): Promise<ApiErrorBody> {
  const fallback = { code: `http_${response.status}`, message: response.statusText, hint: "" };
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== "object" || body === null || !("error" in body)) return fallback;
  return { ...fallback, ...(body.error as Partial<ApiErrorBody>) };
}
