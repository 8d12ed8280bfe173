import { useEffect, useState } from "react";
import { gather, type Gathered } from "./walk";

/**
 * Takes files and folders dropped anywhere on the page; true while some are held over it. `take` null:
 * they are let fall.
 */
export function useFileDrop(take: ((files: Gathered[]) => void) | null): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0; // enter and leave come for every element on the way
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth -= 1;
      if (depth <= 0) setOver(false);
    };
    // Without this the browser would leave the page and show the file.
    const hold = (event: DragEvent) => {
      if (holdsFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (take) void gather(event.dataTransfer).then(take);
    };
    const handlers = { dragenter: enter, dragleave: leave, dragover: hold, drop } as const;
    const names = Object.keys(handlers) as (keyof typeof handlers)[];
    for (const name of names) document.addEventListener(name, handlers[name]);
    return () => {
      for (const name of names) document.removeEventListener(name, handlers[name]);
    };
  }, [take]);
  return over;
}
