import { ErrorNotice } from "../components/ErrorNotice";
import { EditIcon } from "../components/icons";
import { useMessages } from "../i18n/language";
import { useGaps, type Topic } from "./useLoop";
import styles from "./loop.module.css";

/** What the documents do not answer, by topic, the largest first. */
export function Gaps({ answer }: { answer: (question: string) => void }) {
  const { improve: texts, app } = useMessages();
  const loaded = useGaps();
  if (loaded.isPending) return <p>{app.loading}</p>;
  if (loaded.isError) return <ErrorNotice error={loaded.error} retry={() => void loaded.refetch()} />;
  const { questions, topics } = loaded.data;
  return (
    <>
      <p className="sub">{topics.length === 0 ? texts.noGaps : texts.gapsAbout(questions)}</p>
      <ul className="cards">
        {topics.map((topic) => (
          <TopicItem key={topic.name} topic={topic} answer={answer} />
        ))}
      </ul>
    </>
  );
}

function TopicItem({ topic, answer }: { topic: Topic; answer: (question: string) => void }) {
  const { improve: texts } = useMessages();
  const titles = [...new Set(topic.closest.map(({ title }) => title))];
  return (
    <li className="card" data-part="source">
      <div className="card-head">
        <h3>{topic.name}</h3>
        <span className="status status-stale">{texts.verdict[topic.verdict]}</span>
      </div>
      <p className="sub">{texts.counts(topic.refused, topic.disliked, topic.unsupported, topic.differing)}</p>
      <ul className={styles.topicQuestions}>
        {topic.questions.map((question) => (
          <li key={question}>
            <span>{question}</span>
            <button
              type="button"
              className="button button-quiet button-icon"
              aria-label={texts.writeLabel(question)}
              onClick={() => answer(question)}
            >
              <EditIcon />
              {texts.write}
            </button>
          </li>
        ))}
      </ul>
      {titles.length > 0 && <p className="sub">{texts.closest(titles)}</p>}
    </li>
  );
}
