import "./styles/base.css"; // before the sheets of the parts, which differ from it
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./shell/App";
import { returnToPlace } from "./state/place";
import { applyStoredTheme } from "./state/theme";

applyStoredTheme();
returnToPlace();
// The server says when and why: asking again by itself would only delay its error.
const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
