import { pieces } from "../text/rows";
import styles from "./evidence.module.css";

const ROWS = 6; // of a table that are shown outside of the reader

interface Props {
  text: string;
  /** The names of the columns, for rows of a table; null: they are not known. */
  columns: string[] | null;
}

/** Marked text of a document, with rows of tables as their cells. Spans: it stands in buttons. */
export function Quoted({ text, columns }: Props) {
  return pieces(text).map((piece, at) =>
    piece.kind === "text" ? (
      <mark key={at}>{piece.text}</mark>
    ) : (
      <Rows key={at} rows={piece.rows} columns={columns} />
    ),
  );
}

function Rows({ rows, columns }: { rows: string[][]; columns: string[] | null }) {
  const [first = [], ...rest] = rows;
  const namesFirst = columns !== null && first.join("|") === columns.join("|");
  if (rest.length === 0) return <Cells cells={first} columns={namesFirst ? null : columns} />;
  return <Table rows={namesFirst ? rest : rows} columns={columns} />;
}

/** One row: each cell under the name of its column, as many beside each other as there is room. */
function Cells({ cells, columns }: { cells: string[]; columns: string[] | null }) {
  return (
    <span className={styles.cells}>
      {cells.map((cell, at) =>
        cell === "" ? (
          <span key={at} className={styles.cellEmpty} data-part="cell-empty" />
        ) : (
          <span key={at} className={styles.cell} data-part="cell">
            {columns?.[at] && (
              <span className={styles.cellName} data-part="cell-name">
                {columns[at]}
              </span>
            )}
            <mark>{cell}</mark>
          </span>
        ),
      )}
    </span>
  );
}

/** Several rows, below the names of their columns. */
function Table({ rows, columns }: { rows: string[][]; columns: string[] | null }) {
  const shown = rows.slice(0, ROWS);
  return (
    <span className={styles.cellTable}>
      {columns !== null && (
        <span className={styles.cellRow}>
          {columns.map((name, at) => (
            <span key={at} className={styles.cellName} data-part="cell-name">
              {name}
            </span>
          ))}
        </span>
      )}
      {shown.map((cells, row) => (
        <span key={row} className={styles.cellRow}>
          {cells.map((cell, at) => (
            <span key={at}>{cell !== "" && <mark>{cell}</mark>}</span>
          ))}
        </span>
      ))}
      {rows.length > shown.length && <span className={styles.cellRow}>…</span>}
    </span>
  );
}
