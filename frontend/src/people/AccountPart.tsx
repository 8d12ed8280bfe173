import { useState } from "react";
import { useServices } from "../api/services";
import { dataOf } from "../api/typed";
import type { components } from "../api/schema";
import { ErrorNotice } from "../components/ErrorNotice";
import { useMessages } from "../i18n/language";
import { KeyList, MakeKey } from "./Keys";
import { usePeopleTexts } from "./texts";
import { useApi, useChange } from "./usePeople";
import styles from "./people.module.css";

export type Me = components["schemas"]["Me"];

/** Who one is here, one's password, and one's keys. */
export function AccountPart({ me }: { me: Me }) {
  const texts = usePeopleTexts();
  const api = useApi();
  const { client } = useServices();
  const leave = useChange(
    () => client.request("sign-out", { method: "POST" }),
    () => window.location.reload(), // to where one signs in
  );
  return (
    <div className={styles.peoplePart}>
      <p>
        <strong>{me.name}</strong> · {texts.roles[me.role]} – {texts.rolesMean[me.role]}
      </p>
      {me.groups.length > 0 && (
        <p>
          {texts.groups}: {texts.names(me.groups)}
        </p>
      )}
      {me.signed_in === "here" && (
        <p>
          <button type="button" className="button button-quiet" onClick={() => leave.mutate(undefined)}>
            {texts.signOut}
          </button>
        </p>
      )}
      {me.signed_in === "proxy" && <p className="field-hint">{texts.byProxy}</p>}
      {me.signed_in === null && <p className="field-hint">{texts.signInFirst}</p>}
      {me.signed_in !== null && (
        <>
          {me.has_password ? <PasswordForm /> : <p className="field-hint">{texts.noPassword}</p>}
          <section>
            <h3>{texts.keys}</h3>
            <p className="field-hint">{texts.keysAbout}</p>
            <KeyList
              of={["mine"]}
              load={() => dataOf(api.GET("/me/keys"))}
              revoke={(key_id) => dataOf(api.DELETE("/me/keys/{key_id}", { params: { path: { key_id } } }))}
            />
            <MakeKey make={(body) => dataOf(api.POST("/me/keys", { body }))} role={me.role} />
          </section>
        </>
      )}
    </div>
  );
}

function PasswordForm() {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const api = useApi();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const change = useChange(
    () => api.POST("/me/password", { body: { old, new: next } }),
    () => {
      setOld("");
      setNext("");
    },
  );
  return (
    <form
      className={styles.peopleForm}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(undefined);
      }}
    >
      <h3>{texts.password}</h3>
      <label>
        {texts.oldPassword}
        <input
          type="password"
          autoComplete="current-password"
          required
          value={old}
          onChange={(event) => setOld(event.target.value)}
        />
      </label>
      <label>
        {texts.newPassword}
        <input
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
      </label>
      {change.isError && <ErrorNotice error={change.error} retry={() => change.mutate(undefined)} />}
      <p role="status">{change.isSuccess && texts.passwordChanged}</p>
      <div>
        <button type="submit" className="button" disabled={change.isPending}>
          {app.save}
        </button>
      </div>
    </form>
  );
}
