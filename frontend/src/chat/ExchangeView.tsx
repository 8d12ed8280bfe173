import { memo, useMemo } from "react";
import { AnswerView, type AnswerActions } from "../answer/AnswerView";
import { useMessages } from "../i18n/language";
import type { Exchange } from "../state/chat";

interface Props {
  exchange: Exchange;
  open: AnswerActions["open"];
  openPassage: AnswerActions["openPassage"];
  openLibrary: () => void;
  ask: (question: string, replaces: string | null) => void;
  edit: (exchange: Exchange) => void;
}

export const ExchangeView = memo(function ExchangeView(props: Props) {
  const messages = useMessages();
  const { exchange, open, openPassage, openLibrary, ask, edit } = props;
  const actions = useMemo<AnswerActions>(
    () => ({
      open,
      openPassage,
      openLibrary,
      again: () => ask(exchange.question, exchange.id),
      edit: () => edit(exchange),
    }),
    [exchange, open, openPassage, openLibrary, ask, edit],
  );
  return (
    <article className="exchange">
      <h2 className="question">
        <span className="visually-hidden">{messages.answer.you}: </span>
        {exchange.question}
      </h2>
      <AnswerView question={exchange.question} state={exchange.answer} actions={actions} />
    </article>
  );
});
