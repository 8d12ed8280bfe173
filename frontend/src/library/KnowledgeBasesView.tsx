import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "../api/rights";
import { dataOf, typedClient } from "../api/typed";
import { ErrorNotice } from "../components/ErrorNotice";
import { IconButton } from "../components/IconButton";
import { EditIcon, NewChatIcon, TrashIcon } from "../components/icons";
import { Modal } from "../components/Modal";
import { useMessages } from "../i18n/language";
import { useServices } from "../api/services";
import { KNOWLEDGE_BASE, useBaseTitles, type KbChoice } from "../components/useKnowledgeBases";
import styles from "./sources.module.css";

/** The knowledge bases there are: made, called otherwise, taken into use and deleted. */
export function KnowledgeBasesView({ kbs }: { kbs: KbChoice }) {
  const { bases: texts } = useMessages();
  const may = useMay();
  const queries = useQueryClient();
  const [form, setForm] = useState<Form | null>(null);
  const titleOf = useBaseTitles(kbs.names);
  const saved = () => {
    setForm(null);
    kbs.reload();
    void queries.invalidateQueries({ queryKey: [KNOWLEDGE_BASE] });
  };
  const removed = () => {
    setForm(null);
    kbs.reload(); // where the one in use is gone, the default one is in use again
  };
  return (
    <>
      <div className="cards-head">
        <p className="sub">{texts.about}</p>
        {may("all") && (
          <button type="button" className="button button-icon" onClick={() => setForm({ of: "new" })}>
            <NewChatIcon />
            {texts.add}
          </button>
        )}
      </div>
      <ul className="cards" data-part="bases">
        {kbs.names.map((name) => {
          const title = titleOf(name);
          return (
            <li key={name} className="card" data-part="source">
              <div className="card-head">
                <h3>
                  {title}
                  {title !== name && <span className={styles.baseName}> {name}</span>}
                </h3>
                <div className="card-actions">
                  {name === kbs.byDefault && <span className="status">{texts.isDefault}</span>}
                  {name === kbs.kb ? (
                    <span className="status">{texts.inUse}</span>
                  ) : (
                    <button
                      type="button"
                      className="button button-quiet"
                      aria-label={texts.useLabel(title)}
                      onClick={() => kbs.choose(name)}
                    >
                      {texts.use}
                    </button>
                  )}
                  {may("admin", name) && (
                    <IconButton
                      label={texts.renameLabel(title)}
                      onClick={() => setForm({ of: "title", name, title })}
                    >
                      <EditIcon />
                    </IconButton>
                  )}
                  {name !== kbs.byDefault && may("operator") && (
                    <IconButton
                      label={texts.removeLabel(title)}
                      onClick={() => setForm({ of: "removal", name, title })}
                    >
                      <TrashIcon />
                    </IconButton>
                  )}
                </div>
              </div>
            </li>
          );
        })}
      </ul>
      {form?.of === "new" && <NewBase saved={saved} close={() => setForm(null)} />}
      {form?.of === "title" && <Retitle base={form} saved={saved} close={() => setForm(null)} />}
      {form?.of === "removal" && <Removal base={form} removed={removed} close={() => setForm(null)} />}
    </>
  );
}

interface Base {
  name: string;
  title: string;
}

type Form = { of: "new" } | ({ of: "title" | "removal" } & Base);

interface FormProps {
  saved: () => void;
  close: () => void;
}

function NewBase({ saved, close }: FormProps) {
  const { bases: texts, app } = useMessages();
  const { client } = useServices();
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const make = useMutation({
    mutationFn: () =>
      dataOf(
        typedClient(client).POST("/knowledge-bases", {
          body: { name, ...(title.trim() === "" ? {} : { title }) },
        }),
      ),
    onSuccess: saved,
  });
  return (
    <Modal label={texts.add} className="form-dialog" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <h2>{texts.add}</h2>
        <label htmlFor="base-name">{texts.name}</label>
        <input
          id="base-name"
          autoFocus
          autoComplete="off"
          spellCheck={false}
          required
          pattern="[a-z0-9][a-z0-9_\-]{0,39}"
          aria-describedby="base-name-hint"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <p id="base-name-hint" className="field-hint">
          {texts.nameHint}
        </p>
        <TitleField title={title} setTitle={setTitle} />
        {make.isError && <ErrorNotice error={make.error} retry={() => make.mutate()} />}
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={close}>
            {app.cancel}
          </button>
          <button type="submit" className="button" disabled={make.isPending}>
            {texts.create}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function Retitle(props: FormProps & { base: Base }) {
  const { base, saved, close } = props;
  const { bases: texts, app } = useMessages();
  const { client } = useServices();
  const [title, setTitle] = useState(base.title);
  const change = useMutation({
    mutationFn: () =>
      dataOf(
        typedClient(client).PATCH("/knowledge-bases/{kb}", {
          params: { path: { kb: base.name } },
          body: { title: title.trim() === "" ? null : title },
        }),
      ),
    onSuccess: saved,
  });
  return (
    <Modal label={texts.renameLabel(base.title)} className="form-dialog" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <h2>{texts.renameLabel(base.title)}</h2>
        <TitleField title={title} setTitle={setTitle} focus />
        {change.isError && <ErrorNotice error={change.error} retry={() => change.mutate()} />}
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={close}>
            {app.cancel}
          </button>
          <button type="submit" className="button" disabled={change.isPending}>
            {app.save}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** It is gone for good, so its name has to be typed. */
function Removal(props: { base: Base; removed: () => void; close: () => void }) {
  const { base, removed, close } = props;
  const { bases: texts, app } = useMessages();
  const { client } = useServices();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () =>
      dataOf(
        typedClient(client).DELETE("/knowledge-bases/{kb}", {
          params: { path: { kb: base.name } },
        }),
      ),
    onSuccess: removed,
  });
  return (
    <Modal label={texts.removeTitle(base.title)} className="form-dialog" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          remove.mutate();
        }}
      >
        <h2>{texts.removeTitle(base.title)}</h2>
        <p id="base-removal">{texts.removeText(base.name)}</p>
        <label htmlFor="base-typed">{texts.removeName}</label>
        <input
          id="base-typed"
          autoFocus
          autoComplete="off"
          spellCheck={false}
          aria-describedby="base-removal"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {remove.isError && <ErrorNotice error={remove.error} retry={() => remove.mutate()} />}
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={close}>
            {app.cancel}
          </button>
          <button type="submit" className="button" disabled={typed !== base.name || remove.isPending}>
            {texts.remove}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function TitleField(props: { title: string; setTitle: (title: string) => void; focus?: boolean }) {
  const { bases: texts } = useMessages();
  return (
    <>
      <label htmlFor="base-title">{texts.title}</label>
      <input
        id="base-title"
        autoFocus={props.focus ?? false}
        autoComplete="off"
        maxLength={200}
        aria-describedby="base-title-hint"
        value={props.title}
        onChange={(event) => props.setTitle(event.target.value)}
      />
      <p id="base-title-hint" className="field-hint">
        {texts.titleHint}
      </p>
    </>
  );
}
