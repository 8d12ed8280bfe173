// Words that ask, or join others, and say nothing of what is looked for.
const PLAIN = new Set(
  (
    "the and for are was were with from that this what which when where who whom whose why how does did has have " +
    "had can could will would should not you your our its"
  ).split(" "),
);
const PLAIN_HAN =
  /什么|哪些|哪个|哪里|多少|如何|怎么样?|怎样|是否|可以|我们|你们|他们|以及|或者|为何|请问|几个|[的了吗呢是在]/gu;

/** What finds the words of a question in a text; null where it has none that could be told. */
export function wordPattern(question: string): RegExp | null {
  const text = question.normalize("NFKC").toLowerCase();
  const parts = new Set<string>();
  const others = text.replaceAll(/\p{Script=Han}+/gu, " ");
  for (const [word] of others.matchAll(/[\p{L}\p{N}]+(?:[.\-_][\p{L}\p{N}]+)*/gu)) {
    if ((/\p{N}/u.test(word) || word.length > 2) && !PLAIN.has(word)) parts.add(withEndings(word));
  }
  for (const [run] of text.replaceAll(PLAIN_HAN, " ").matchAll(/\p{Script=Han}+/gu)) {
    // Chinese has no spaces: a character counts where it stands beside one that it stood beside.
    const signs = [...run];
    for (const [at, first] of signs.entries()) {
      const second = signs[at + 1];
      if (second !== undefined) parts.add(`${first}(?=${second})|(?<=${first})${second}`);
    }
  }
  return parts.size === 0 ? null : new RegExp(`(?:${[...parts].join("|")})+`, "giu");
}

/** A text in parts, those in odd places being words that were looked for. */
export function wordsIn(text: string, pattern: RegExp): string[] {
  return text.split(new RegExp(`(${pattern.source})`, pattern.flags));
}

/** 'backups' and 'backup' find each other. */
function withEndings(word: string): string {
  const literal = word.replaceAll(/[.-]/g, "\\$&");
  if (!/^\p{L}+$/u.test(word)) return literal;
  return `(?<![\\p{L}\\p{N}])${word.length > 3 ? word.replace(/s$/, "") : word}\\p{L}*`;
}
