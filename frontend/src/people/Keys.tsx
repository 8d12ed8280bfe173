import { useState } from "react";
import type { components } from "../api/schema";
import { useServices } from "../api/services";
import { CopyButton } from "../components/CopyButton";
import { ErrorNotice } from "../components/ErrorNotice";
import { useMessages } from "../i18n/language";
import { Sure } from "./Sure";
import { useMoment, usePeopleTexts } from "./texts";
import { useChange, usePart } from "./usePeople";
import styles from "./people.module.css";

type Key = components["schemas"]["KeyBody"];
type MadeKey = components["schemas"]["MadeKey"];
type NewKey = components["schemas"]["NewKey"];
type Role = components["schemas"]["Me"]["role"];

const SCOPES = ["ask", "read", "write", "admin"] as const;
const MAY: Record<Role, readonly (typeof SCOPES)[number][]> = {
  reader: ["ask", "read"],
  editor: ["ask", "read", "write"],
  admin: SCOPES,
};
const DAYS = [30, 90, 365, null] as const;

interface ListProps {
  of: readonly string[];
  load: () => Promise<{ keys: Key[] }>;
  revoke: (id: string) => Promise<unknown>;
}

/** Keys that there are, and were. */
export function KeyList({ of, load, revoke }: ListProps) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const moment = useMoment();
  const keys = usePart(["keys", ...of], load);
  const end = useChange(revoke);
  if (keys.isError) return <ErrorNotice error={keys.error} retry={() => void keys.refetch()} />;
  if (!keys.data) return <p>{app.loading}</p>;
  if (keys.data.keys.length === 0) return <p>{texts.noKeys}</p>;
  const now = new Date().toISOString();
  return (
    <>
      <ul className={styles.peopleList}>
        {keys.data.keys.map((key) => {
          const ended = key.ends_at !== null && new Date(key.ends_at) < new Date(now);
          return (
            <li key={key.id}>
              <span>
                <strong>{key.name}</strong>
                <span className="field-hint">
                  {texts.names(key.scopes.map((scope) => texts.scopeNames[scope]))}
                  {" · "}
                  {key.knowledge_bases === null ? texts.allBases : texts.names(key.knowledge_bases)}
                  {" · "}
                  {key.revoked_at !== null
                    ? texts.revokedAt(moment(key.revoked_at))
                    : key.ends_at === null
                      ? texts.never
                      : (ended ? texts.endedAt : texts.endsAt)(moment(key.ends_at))}
                </span>
              </span>
              {key.revoked_at === null && !ended && (
                <Sure
                  label={texts.revokeLabel(key.name)}
                  word={texts.revoke}
                  question={texts.revokeSure}
                  act={() => end.mutate(key.id)}
                />
              )}
            </li>
          );
        })}
      </ul>
      {end.isError && <ErrorNotice error={end.error} retry={() => end.reset()} />}
    </>
  );
}

/** A form for a new key, and the key once it is made. */
export function MakeKey({ make, role }: { make: (body: NewKey) => Promise<MadeKey>; role: Role }) {
  const texts = usePeopleTexts();
  const { bases } = useServices();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<(typeof SCOPES)[number][]>(["ask", "read"]);
  const [base, setBase] = useState("");
  const [days, setDays] = useState("90");
  const create = useChange(
    () =>
      make({
        name,
        scopes,
        knowledge_bases: base === "" ? null : [base],
        days: days === "" ? null : Number(days),
      }),
    () => setName(""),
  );
  return (
    <form
      className={styles.peopleForm}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(undefined);
      }}
    >
      <label>
        {texts.keyName}
        <input
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <fieldset className="choices">
        <legend>{texts.scopes}</legend>
        {MAY[role].map((scope) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes((now) =>
                  event.target.checked ? [...now, scope] : now.filter((other) => other !== scope),
                )
              }
            />
            {texts.scopeNames[scope]}
          </label>
        ))}
      </fieldset>
      <div className={styles.peopleRow}>
        <label>
          {texts.inBases}
          <select value={base} onChange={(event) => setBase(event.target.value)}>
            <option value="">{texts.allBases}</option>
            {bases.map((kb) => (
              <option key={kb}>{kb}</option>
            ))}
          </select>
        </label>
        <label>
          {texts.ends}
          <select value={days} onChange={(event) => setDays(event.target.value)}>
            {DAYS.map((count) => (
              <option key={count ?? ""} value={count ?? ""}>
                {count === null ? texts.never : texts.inDays(count)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button" disabled={create.isPending || scopes.length === 0}>
          {texts.makeKey}
        </button>
      </div>
      {create.isError && <ErrorNotice error={create.error} retry={() => create.mutate(undefined)} />}
      <div role="status">
        {create.data && (
          <div className={styles.peopleSecret} data-part="people-secret">
            <p>{texts.madeKey}</p>
            <code>{create.data.key}</code>
            <CopyButton text={create.data.key} label={texts.copyKey} />
          </div>
        )}
      </div>
    </form>
  );
}
