import { memo, useMemo } from "react";
import { AnswerView, type AnswerActions } from "../answer/AnswerView";
import { IconButton } from "../components/IconButton";
import { NextIcon, PreviousIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { ScopeChips } from "../scope/ScopeChips";
import { isUnderWay } from "../state/answer";
import type { Exchange } from "../state/chat";
import type { Chat } from "./useChat";
import styles from "./chat.module.css";

interface Props {
  exchange: Exchange;
  open: AnswerActions["open"];
  openPassage: AnswerActions["openPassage"];
  openLibrary: (() => void) | null;
  ask: Chat["ask"];
  edit: (exchange: Exchange) => void;
  turnTo: Chat["turnTo"];
  remove: Chat["remove"];
}

export const ExchangeView = memo(function ExchangeView(props: Props) {
  const messages = useMessages();
  const { exchange, open, openPassage, openLibrary, ask, edit, turnTo, remove } = props;
  const actions = useMemo<AnswerActions>(
    () => ({
      open,
      openPassage,
      openLibrary,
      again: () => ask(exchange.question, exchange.scope, exchange.id),
      edit: () => edit(exchange),
      everywhere: () => ask(exchange.question, [], exchange.id),
      remove: exchange.turn === null ? null : () => remove(exchange),
    }),
    [exchange, open, openPassage, openLibrary, ask, edit, remove],
  );
  return (
    <article className={styles.exchange} data-part="exchange" data-turn={exchange.turn ?? undefined}>
      <div className={styles.asked} data-part="asked">
        <h2 className={styles.question} data-part="question" tabIndex={-1}>
          <span className="visually-hidden">{messages.answer.you}: </span>
          {exchange.question}
        </h2>
        <ScopeChips scope={exchange.scope} />
        {exchange.versions.length > 1 && !isUnderWay(exchange.answer) && (
          <Versions exchange={exchange} turnTo={turnTo} />
        )}
      </div>
      <AnswerView
        question={exchange.question}
        state={exchange.answer}
        limited={exchange.scope.length > 0}
        judged={exchange.feedback}
        actions={actions}
      />
    </article>
  );
});

/** Which version of the question is shown, of how many; each keeps what was asked after it. */
function Versions({ exchange, turnTo }: { exchange: Exchange; turnTo: Chat["turnTo"] }) {
  const { answer } = useMessages();
  const { turn, versions } = exchange;
  const at = versions.indexOf(turn ?? "");
  const step = (by: number) => {
    const version = versions[at + by];
    if (version !== undefined) turnTo(version);
  };
  // Disabled by attribute only: a button that loses its focus takes it from the whole page.
  return (
    <div className={styles.versions} data-part="versions" role="group" aria-label={answer.versions}>
      <IconButton label={answer.previousVersion} disabled={at <= 0} onClick={() => step(-1)}>
        <PreviousIcon />
      </IconButton>
      <span>{answer.version(at + 1, versions.length)}</span>
      <IconButton label={answer.nextVersion} disabled={at === versions.length - 1} onClick={() => step(1)}>
        <NextIcon />
      </IconButton>
    </div>
  );
}
