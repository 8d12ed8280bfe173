import { useState } from "react";
import type { components } from "../api/schema";
import { useServices } from "../api/services";
import { dataOf } from "../api/typed";
import { ErrorNotice } from "../components/ErrorNotice";
import { useMessages } from "../i18n/language";
import { namesIn, usePeopleTexts } from "./texts";
import { useApi, useChange, usePart } from "./usePeople";
import styles from "./people.module.css";

type Rights = components["schemas"]["Rights"];

/** All limits of the knowledge base in use. */
export function useRights() {
  const api = useApi();
  const { kb } = useServices();
  return usePart<Rights>(["rights", kb], () =>
    dataOf(api.GET("/rights", { params: { query: kb === null ? {} : { kb } } })),
  );
}

/** What is limited to which groups: the knowledge base, addresses, documents. */
export function RightsPart() {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const { kb } = useServices();
  const api = useApi();
  const rights = useRights();
  const [adding, setAdding] = useState(false);
  if (rights.isError) return <ErrorNotice error={rights.error} retry={() => void rights.refetch()} />;
  if (!rights.data) return <p>{app.loading}</p>;
  const query = { kb: rights.data.kb };
  const { groups, addresses, documents } = rights.data;
  return (
    <div className={styles.peoplePart}>
      <p className="field-hint">{texts.rightsAbout}</p>
      <section>
        <h3>
          {texts.ofBase}: {kb ?? rights.data.kb}
        </h3>
        <Limit
          name={rights.data.kb}
          groups={groups}
          set={(to) => dataOf(api.PUT("/rights", { params: { query }, body: { groups: to } }))}
        />
      </section>
      <section>
        <h3>{texts.ofAddresses}</h3>
        <ul className={styles.peopleList}>
          {addresses.map((row) => (
            <li key={row.address}>
              <code className={styles.peopleGrow}>{row.address}</code>
              <Limit
                name={row.address}
                groups={row.groups}
                set={(to) =>
                  dataOf(
                    api.PUT("/rights/address", {
                      params: { query },
                      body: { address: row.address, groups: to },
                    }),
                  )
                }
              />
            </li>
          ))}
        </ul>
        {adding ? (
          <AddressForm kb={rights.data.kb} done={() => setAdding(false)} />
        ) : (
          <p>
            <button type="button" className="button button-quiet" onClick={() => setAdding(true)}>
              {texts.addAddress}
            </button>
          </p>
        )}
      </section>
      <section>
        <h3>{texts.ofDocuments}</h3>
        {documents.length === 0 && <p>{texts.noLimits}</p>}
        <ul className={styles.peopleList}>
          {documents.map((row) => (
            <li key={row.id}>
              <span className={styles.peopleGrow}>
                <code>{row.source}</code>
                <span className="field-hint">{row.access.map(texts.oneOf).join(texts.and)}</span>
              </span>
              <DocumentLimit id={row.id} name={row.source} groups={row.groups} />
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** The limit by hand of one document. */
export function DocumentLimit({ id, name, groups }: { id: string; name: string; groups: string[] }) {
  const api = useApi();
  const { kb } = useServices();
  return (
    <Limit
      name={name}
      groups={groups}
      set={(to) =>
        dataOf(
          api.PUT("/documents/{document_id}/groups", {
            params: { path: { document_id: id }, query: kb === null ? {} : { kb } },
            body: { groups: to },
          }),
        )
      }
    />
  );
}

interface LimitProps {
  name: string;
  groups: readonly string[];
  set: (groups: string[]) => Promise<unknown>;
}

/** To which groups something is limited, and a way to set that. */
function Limit({ name, groups, set }: LimitProps) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const [text, setText] = useState<string | null>(null);
  const save = useChange(set, () => setText(null));
  if (text === null) {
    return (
      <span className={styles.peopleRow}>
        <span>{groups.length === 0 ? texts.everybody : texts.oneOf(groups)}</span>
        <button
          type="button"
          className="button button-quiet"
          aria-label={texts.limitLabel(name)}
          onClick={() => setText(texts.names(groups))}
        >
          {texts.limit}
        </button>
      </span>
    );
  }
  return (
    <form
      className={styles.peopleForm}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(namesIn(text));
      }}
    >
      <label>
        {texts.limitTo}
        <input autoFocus autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />
        <span className="field-hint">{texts.limitHint}</span>
      </label>
      {save.isError && <ErrorNotice error={save.error} retry={() => save.mutate(namesIn(text))} />}
      <div className={styles.peopleRow}>
        <button type="submit" className="button" disabled={save.isPending}>
          {app.save}
        </button>
        <button type="button" className="button button-quiet" onClick={() => setText(null)}>
          {app.cancel}
        </button>
      </div>
    </form>
  );
}

function AddressForm({ kb, done }: { kb: string; done: () => void }) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const api = useApi();
  const [address, setAddress] = useState("");
  const [groups, setGroups] = useState("");
  const save = useChange(
    () =>
      dataOf(
        api.PUT("/rights/address", {
          params: { query: { kb } },
          body: { address, groups: namesIn(groups) },
        }),
      ),
    done,
  );
  return (
    <form
      className={styles.peopleForm}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <label>
        {texts.address}
        <input
          required
          autoFocus
          autoComplete="off"
          spellCheck={false}
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
        <span className="field-hint">{texts.addressHint}</span>
      </label>
      <label>
        {texts.limitTo}
        <input
          required
          autoComplete="off"
          value={groups}
          onChange={(event) => setGroups(event.target.value)}
        />
      </label>
      {save.isError && <ErrorNotice error={save.error} retry={() => save.mutate(undefined)} />}
      <div className={styles.peopleRow}>
        <button type="submit" className="button" disabled={save.isPending}>
          {app.save}
        </button>
        <button type="button" className="button button-quiet" onClick={done}>
          {app.cancel}
        </button>
      </div>
    </form>
  );
}

/** Who may read one document, for whoever may set it; nothing for others. */
export function WhoReads({ id, source }: { id: string; source: string }) {
  const texts = usePeopleTexts();
  const rights = useRights();
  if (!rights.data) return null;
  const limited = rights.data.documents.find((row) => row.id === id);
  return (
    <section className={styles.peopleReads} aria-label={texts.whoReads}>
      <h3>{texts.whoReads}</h3>
      {rights.data.groups.length > 0 && <p>{texts.whoReadsBase(texts.oneOf(rights.data.groups))}</p>}
      {limited !== undefined && <p>{limited.access.map(texts.oneOf).join(texts.and)}</p>}
      <DocumentLimit id={id} name={source} groups={limited?.groups ?? []} />
    </section>
  );
}
