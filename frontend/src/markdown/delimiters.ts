/**
 * `\( … \)` and `\[ … \]` as many models write maths, in the delimiters that remark-math reads.
 * Every replacement has the length of what it replaces, so offsets into the answer stay true.
 */
export function mathDelimiters(markdown: string): string {
  return markdown.replace(
    /(```[\s\S]*?(?:```|$)|`[^`\n]*`)|\\\(([^\n]+?)\\\)|\\\[([\s\S]+?)\\\]/g,
    (whole: string, code?: string, inline?: string, display?: string) => {
      if (code !== undefined) return whole;
      return `$$${inline ?? display ?? ""}$$`;
    },
  );
}

/** Whether `$…$` is maths and not two prices: no blank inside the signs (pandoc's rule). */
export function isInlineMath(source: string): boolean {
  return /^\$\$/.test(source) || (/^\$\S/.test(source) && /\S\$$/.test(source));
}
