import type { ReactNode } from "react";

interface Props {
  /** What it does: read out, and shown when pointed at. */
  label: string;
  onClick: () => void;
  /** It can still be focused, so that the focus does not fall to the body at a list's end. */
  disabled?: boolean;
  children: ReactNode;
}

/** A button that is a picture. */
export function IconButton({ label, onClick, disabled, children }: Props) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
