import { createContext, useContext } from "react";
import type { Client } from "./client";
import type { JobCalls } from "./jobs";
import type { LibraryCalls } from "./library";
import type { Feedback } from "./types";

export interface Services {
  client: Client;
  /** The knowledge base in use; null until the server has told its default one. */
  kb: string | null;
  /** The names of all knowledge bases. */
  bases: string[];
  library: LibraryCalls;
  jobs: JobCalls;
  sendFeedback: (feedback: Omit<Feedback, "kb">) => Promise<unknown>;
  /** Takes back what was said of a kept turn. */
  withdrawFeedback: (turn: string) => Promise<unknown>;
  /** The request headers that a viewer needs which fetches by itself. */
  headers: () => Record<string, string>;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("useServices outside its provider");
  return services;
}
