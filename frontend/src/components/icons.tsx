import type { ReactNode } from "react";

/** Line icons on a 24 grid; always beside a text or an accessible name, so hidden themselves. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const icon = (path: string) =>
  function PathIcon() {
    return (
      <Icon>
        <path d={path} />
      </Icon>
    );
  };

export const CopyIcon = icon("M9 9h10v10H9zM5 15V5h10");
export const CheckIcon = icon("M5 12.5l4.5 4.5L19 7.5");
export const SendIcon = icon("M12 19V5M6 11l6-6 6 6");
export const StopIcon = icon("M7 7h10v10H7z");
export const RetryIcon = icon("M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4");
export const EditIcon = icon("M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4");
export const CloseIcon = icon("M6 6l12 12M18 6L6 18");
export const PreviousIcon = icon("M14.5 6l-6 6 6 6");
export const NextIcon = icon("M9.5 6l6 6-6 6");
export const ExternalIcon = icon("M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9");
export const SearchIcon = icon("M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20");
export const LibraryIcon = icon("M5 4h4v16H5zM9 4h4v16H9zM14.5 5l3.9-1 3.1 15.4-3.9.8z");
export const NewChatIcon = icon("M12 5v14M5 12h14");
export const SunIcon = icon(
  "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4",
);
export const MoonIcon = icon("M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z");
export const SystemIcon = icon("M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16");
export const WarningIcon = icon("M12 4l9 16H3zM12 10v4M12 17v.5");
export const EmptyIcon = icon("M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM8 12h8");
export const LanguageIcon = icon(
  "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM4 12h16M12 4c2.5 2.4 3.5 5 3.5 8s-1 5.600-3.500 8c-2.500-2.400-3.500-5-3.500-8s1-5.600 3.500-8z",
);
export const SettingsIcon = icon(
  "M4 7h9M17 7h3M4 17h3M11 17h9M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
);
export const MenuIcon = icon("M4 7h16M4 12h16M4 17h16");
export const TrashIcon = icon("M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13");
export const ThumbUpIcon = icon("M7 11v9H4v-9zM7 11l4-7c1.500 0 2.500 1 2.500 2.500V10H19l-1.500 10H7");
export const ThumbDownIcon = icon("M7 13V4H4v9zM7 13l4 7c1.500 0 2.500-1 2.500-2.500V14H19L17.500 4H7");
export const TagIcon = icon("M4 4h8l8 8-8 8-8-8zM8 8v.5");
export const AskIcon = icon("M4 5h16v11H10l-4 4v-4H4zM12 11v.5M10.500 8.500a1.500 1.500 0 1 1 1.500 1.800");
export const KeyIcon = icon(
  "M8 15a3.500 3.500 0 1 1 3.200-5H20v4h-3v-1.500h-2V14h-3.800A3.500 3.500 0 0 1 8 15zM8 11.500v.1",
);
export const PauseIcon = icon("M9 6v12M15 6v12");
export const PlayIcon = icon("M8 5l11 7-11 7z");
export const UploadIcon = icon("M12 16V5M7 10l5-5 5 5M5 19h14");
export const PageIcon = icon("M7 4h7l4 4v12H7zM14 4v4h4");
export const FolderIcon = icon("M4 6h6l2 2h8v11H4z");
export const AtIcon = icon(
  "M15.500 12a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0zM15.500 8.500v5a2.300 2.300 0 0 0 4.500-.500V12a8 8 0 1 0-3.500 6.600",
);
export const LinkIcon = icon(
  "M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-6-.500l-3 3a4 4 0 0 0 5.700 5.700l1-1",
);
export const DownloadIcon = icon("M12 5v11M7 11l5 5 5-5M5 19h14");
export const PrintIcon = icon("M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z");
export const ZoomInIcon = icon(
  "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500L20 20M8 10.500h5M10.500 8v5",
);
export const ZoomOutIcon = icon(
  "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500L20 20M8 10.500h5",
);
