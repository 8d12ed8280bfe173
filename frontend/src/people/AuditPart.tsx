import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useServices } from "../api/services";
import { ErrorNotice } from "../components/ErrorNotice";
import { useMessages } from "../i18n/language";
import { useMoment, usePeopleTexts } from "./texts";
import { usePart } from "./usePeople";
import type { PeopleTexts } from "../i18n/people.en";
import styles from "./people.module.css";

type Action = keyof PeopleTexts["actions"];

interface Row {
  at: string;
  action: Action;
  who: string;
  key: string;
  address: string;
  kb: string;
  object: string;
  detail: string;
}

const PAGE = 50;

/** What was noted, filtered, a page at a time; all of it as a file. */
export function AuditPart() {
  const texts = usePeopleTexts();
  const { app } = useMessages();
  const moment = useMoment();
  const { client } = useServices();
  const [who, setWho] = useState("");
  const [about, setAbout] = useState("");
  const [action, setAction] = useState<Action | "">("");
  const [page, setPage] = useState(0);
  const query = new URLSearchParams();
  if (who.trim() !== "") query.set("who", who.trim());
  if (about.trim() !== "") query.set("about", about.trim());
  if (action !== "") query.set("action", action);
  const asked = query.toString();
  const rows = usePart(["audit", asked, page], async () => {
    const found = new URLSearchParams(asked);
    found.set("limit", String(PAGE + 1));
    found.set("offset", String(page * PAGE));
    const text = await (await client.request(`audit?${found}`)).text();
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Row);
  });
  const file = useMutation({
    mutationFn: async () => {
      query.set("format", "csv");
      query.set("limit", "100000");
      const blob = await (await client.request(`audit?${query}`)).blob();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "audit.csv";
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  const first =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      setPage(0);
    };
  return (
    <div className={styles.peoplePart}>
      <div className={styles.peopleRow} role="search">
        <label>
          {texts.who}
          <input
            placeholder={texts.anybody}
            value={who}
            onChange={(event) => first(setWho)(event.target.value)}
          />
        </label>
        <label>
          {texts.what}
          <select value={action} onChange={(event) => first(setAction)(event.target.value as Action | "")}>
            <option value="">{texts.anything}</option>
            {(Object.keys(texts.actions) as Action[]).map((name) => (
              <option key={name} value={name}>
                {texts.actions[name]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {texts.about}
          <input
            placeholder={texts.aboutPart}
            value={about}
            onChange={(event) => first(setAbout)(event.target.value)}
          />
        </label>
        <button
          type="button"
          className="button button-quiet"
          disabled={file.isPending}
          onClick={() => file.mutate()}
        >
          {texts.download}
        </button>
      </div>
      {file.isError && <ErrorNotice error={file.error} retry={() => file.mutate()} />}
      {rows.isError && <ErrorNotice error={rows.error} retry={() => void rows.refetch()} />}
      {rows.isPending && <p>{app.loading}</p>}
      {rows.data?.length === 0 && <p>{asked === "" ? texts.auditOff : texts.auditNone}</p>}
      {rows.data !== undefined && rows.data.length > 0 && (
        <>
          <div className={styles.peopleTable} tabIndex={0} role="region" aria-label={texts.tabs.audit}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{texts.when}</th>
                  <th scope="col">{texts.who}</th>
                  <th scope="col">{texts.what}</th>
                  <th scope="col">{texts.about}</th>
                  <th scope="col">{texts.where}</th>
                </tr>
              </thead>
              <tbody>
                {rows.data.slice(0, PAGE).map((row, number) => (
                  <tr key={`${row.at} ${number}`}>
                    <td>{moment(row.at)}</td>
                    <td>
                      {row.who}
                      {row.key !== "" && <span className="field-hint">{row.key}</span>}
                    </td>
                    <td>{texts.actions[row.action]}</td>
                    <td>
                      {row.detail}
                      <span className="field-hint">{[row.kb, row.object].filter(Boolean).join(" · ")}</span>
                    </td>
                    <td>{row.address}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div className={styles.peopleRow}>
            <button
              type="button"
              className="button button-quiet"
              disabled={page === 0}
              onClick={() => setPage(page - 1)}
            >
              {texts.newer}
            </button>
            <button
              type="button"
              className="button button-quiet"
              disabled={rows.data.length <= PAGE}
              onClick={() => setPage(page + 1)}
            >
              {texts.older}
            </button>
          </div>
        </>
      )}
    </div>
  );
}
