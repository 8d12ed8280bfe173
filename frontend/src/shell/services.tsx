import { createContext, useContext } from "react";
import type { Client } from "../api/client";
import type { LibraryCalls } from "../api/library";

export interface Services {
  client: Client;
  library: LibraryCalls;
  /** The request headers that a viewer needs which fetches by itself. */
  headers: () => Record<string, string>;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("useServices outside its provider");
  return services;
}
