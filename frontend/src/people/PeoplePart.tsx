import { useState } from "react";
import type { components } from "../api/schema";
import { useServices } from "../api/services";
import { dataOf } from "../api/typed";
import { CopyButton } from "../components/CopyButton";
import { ErrorNotice } from "../components/ErrorNotice";
import { useMessages } from "../i18n/language";
import type { Me } from "./AccountPart";
import { KeyList, MakeKey } from "./Keys";
import { Sure } from "./Sure";
import { namesIn, useMoment, usePeopleTexts } from "./texts";
import { useApi, useChange, usePart } from "./usePeople";
import styles from "./people.module.css";

type Person = components["schemas"]["PersonBody"];
type Role = Person["role"];

const ROLES = ["reader", "editor", "admin"] as const;

/** Who there is: added, changed, sent a link, switched off, removed; and the groups. */
export function PeoplePart({ me }: { me: Me }) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const api = useApi();
  const people = usePart(["all"], () => dataOf(api.GET("/people")));
  const [open, setOpen] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  if (people.isError) return <ErrorNotice error={people.error} retry={() => void people.refetch()} />;
  if (!people.data) return <p>{app.loading}</p>;
  return (
    <div className={styles.peoplePart}>
      {adding ? (
        <PersonForm
          person={null}
          done={(id) => {
            setAdding(false);
            setOpen(id);
          }}
        />
      ) : (
        <p>
          <button type="button" className="button" onClick={() => setAdding(true)}>
            {texts.add}
          </button>
        </p>
      )}
      <ul className={styles.peopleList}>
        {people.data.people.map((person) => (
          <li key={person.id} className={styles.peoplePerson}>
            <div className={styles.peopleRow}>
              <span className={styles.peopleGrow}>
                <strong>{person.name}</strong>
                {person.name === me.name && <span className="status">{texts.self}</span>}
                {!person.enabled && <span className="status status-failed">{texts.off}</span>}
                <Summary person={person} />
              </span>
              <button
                type="button"
                className="button button-quiet"
                aria-label={texts.changeLabel(person.name)}
                aria-expanded={open === person.id}
                onClick={() => setOpen(open === person.id ? null : person.id)}
              >
                {texts.change}
              </button>
            </div>
            {open === person.id && <PersonDetails person={person} me={me} close={() => setOpen(null)} />}
          </li>
        ))}
      </ul>
      <Groups />
    </div>
  );
}

function Summary({ person }: { person: Person }) {
  const texts = usePeopleTexts();
  const parts = [
    texts.roles[person.role],
    ...Object.entries(person.roles).map(([kb, role]) => `${kb}: ${texts.roles[role]}`),
    ...(person.groups.length > 0 ? [texts.names(person.groups)] : []),
    ...(person.provider !== ""
      ? [texts.provider(person.provider === "proxy" ? texts.proxy : person.provider)]
      : person.has_password
        ? []
        : [texts.waiting]),
  ];
  return <span className="field-hint">{parts.join(" · ")}</span>;
}

/** What can be done with one person. */
function PersonDetails({ person, me, close }: { person: Person; me: Me; close: () => void }) {
  const texts = usePeopleTexts();
  const api = useApi();
  const moment = useMoment();
  const path = { person_id: person.id };
  const link = useChange(() => dataOf(api.POST("/people/{person_id}/link", { params: { path } })));
  const remove = useChange(() => api.DELETE("/people/{person_id}", { params: { path } }), close);
  return (
    <div className={styles.peopleDetails}>
      <PersonForm person={person} self={person.name === me.name} done={close} />
      <div className={styles.peopleRow}>
        <button
          type="button"
          className="button button-quiet"
          aria-label={texts.linkLabel(person.name)}
          onClick={() => link.mutate(undefined)}
        >
          {texts.link}
        </button>
        {person.name !== me.name && (
          <Sure
            label={texts.removeLabel(person.name)}
            word={texts.remove}
            question={texts.removeSure(person.name)}
            act={() => remove.mutate(undefined)}
          />
        )}
      </div>
      <div role="status">
        {link.data && (
          <div className={styles.peopleSecret} data-part="people-secret">
            <p>{texts.linkMade(person.name, moment(link.data.ends_at))}</p>
            <code>{link.data.link}</code>
            <CopyButton text={link.data.link} label={texts.copyLink} />
          </div>
        )}
      </div>
      {link.isError && <ErrorNotice error={link.error} retry={() => link.mutate(undefined)} />}
      {remove.isError && <ErrorNotice error={remove.error} retry={() => remove.reset()} />}
      <h3>{texts.keys}</h3>
      <KeyList
        of={[person.id]}
        load={() => dataOf(api.GET("/people/{person_id}/keys", { params: { path } }))}
        revoke={(key_id) =>
          dataOf(api.DELETE("/people/{person_id}/keys/{key_id}", { params: { path: { ...path, key_id } } }))
        }
      />
      <MakeKey
        make={(body) => dataOf(api.POST("/people/{person_id}/keys", { params: { path }, body }))}
        role={person.role}
      />
    </div>
  );
}

interface FormProps {
  /** null: a new one. */
  person: Person | null;
  self?: boolean;
  done: (id: string) => void;
}

function PersonForm({ person, self = false, done }: FormProps) {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const { bases } = useServices();
  const api = useApi();
  const [name, setName] = useState(person?.name ?? "");
  const [role, setRole] = useState<Role>(person?.role ?? "reader");
  const [groups, setGroups] = useState(texts.names(person?.groups ?? []));
  const [roles, setRoles] = useState<Record<string, Role | null>>(person?.roles ?? {});
  const [enabled, setEnabled] = useState(person?.enabled ?? true);
  const save = useChange(
    () =>
      dataOf(
        person === null
          ? api.POST("/people", { body: { name, role, groups: namesIn(groups) } })
          : api.PATCH("/people/{person_id}", {
              params: { path: { person_id: person.id } },
              body: { role, groups: namesIn(groups), roles, enabled },
            }),
      ),
    ({ id }) => done(id),
  );
  return (
    <form
      className={styles.peopleForm}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      {person === null && (
        <label>
          {texts.name}
          <input
            required
            autoFocus
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
      )}
      <label>
        {texts.role}
        <select value={role} disabled={self} onChange={(event) => setRole(event.target.value as Role)}>
          {ROLES.map((each) => (
            <option key={each} value={each}>
              {texts.roles[each]} – {texts.rolesMean[each]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {texts.groups}
        <input
          autoComplete="off"
          value={groups}
          aria-description={texts.groupsHint}
          onChange={(event) => setGroups(event.target.value)}
        />
        <span className="field-hint">{texts.groupsHint}</span>
      </label>
      {person !== null && bases.length > 1 && (
        <fieldset className="choices choices-column">
          <legend>{texts.rolesIn}</legend>
          {bases.map((kb) => (
            <label key={kb}>
              <span className={styles.peopleGrow}>{kb}</span>
              <select
                value={roles[kb] ?? ""}
                onChange={(event) =>
                  setRoles((now) => ({ ...now, [kb]: (event.target.value || null) as Role | null }))
                }
              >
                <option value="">{texts.asElsewhere}</option>
                {ROLES.map((each) => (
                  <option key={each} value={each}>
                    {texts.roles[each]}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </fieldset>
      )}
      {person !== null && !self && (
        <label className={styles.peopleCheck}>
          <input type="checkbox" checked={enabled} onChange={(event) => setEnabled(event.target.checked)} />
          {texts.enabled}
        </label>
      )}
      {save.isError && <ErrorNotice error={save.error} retry={() => save.mutate(undefined)} />}
      <div className={styles.peopleRow}>
        <button type="submit" className="button" disabled={save.isPending}>
          {app.save}
        </button>
        <button type="button" className="button button-quiet" onClick={() => done(person?.id ?? "")}>
          {app.cancel}
        </button>
      </div>
    </form>
  );
}

function Groups() {
  const texts = usePeopleTexts();
  const api = useApi();
  const groups = usePart(["groups"], () => dataOf(api.GET("/groups")));
  if (!groups.data) return null;
  return (
    <section>
      <h3>{texts.groupsHead}</h3>
      {groups.data.groups.length === 0 && <p>{texts.noGroups}</p>}
      <ul className={styles.peopleList}>
        {groups.data.groups.map((group) => (
          <li key={group.name}>
            <span>
              <strong>{group.name}</strong>
              <span className="field-hint">
                {group.people.length > 0 ? texts.names(group.people) : texts.nobodyIn}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
