const ENDED = /[.!?…。！？)）"”」]$/;

/** Texts one after the other, each ended as a sentence: what a library says often is not. */
export function sentences(...texts: (string | undefined)[]): string {
  return texts
    .flatMap((text) => (text ? [text] : []))
    .map((text) => (ENDED.test(text) ? text : text + (/\p{Script=Han}/u.test(text) ? "。" : ".")))
    .join(" ");
}
