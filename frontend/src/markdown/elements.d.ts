import "react";

// The elements that plugins.ts makes; Markdown.tsx puts components in their place.
declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "gk-marker": { "data-marker"?: string; children?: React.ReactNode };
      "gk-span": { "data-kind"?: string; "data-end"?: string; children?: React.ReactNode };
    }
  }
}
