/** What to do: a command within it stands between backticks, and is shown as one. */
export function Hint({ text }: { text: string }) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
