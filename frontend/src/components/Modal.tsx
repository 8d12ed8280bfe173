import { useEffect, useRef, type ReactNode } from "react";

interface Props {
  label: string;
  className?: string | undefined;
  /** What the browser tests call it. */
  part?: string;
  close: () => void;
  children: ReactNode;
}

/** A native modal dialog: focus stays inside, Esc closes, focus goes back where it was. */
export function Modal({ label, className, part, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`modal ${className ?? ""}`}
      data-part={part}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div className="modal-body">{children}</div>
    </dialog>
  );
}
