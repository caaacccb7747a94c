// Our icons: outlines on a 24-unit grid, 2 units wide. One picture has one meaning on every screen.

const SHAPES = {
  back: <path d="M14.5 5l-7 7 7 7" />,
  forward: <path d="M9.5 5l7 7-7 7" />,
  plus: <path d="M6 12h12M12 6v12" />,
  minus: <path d="M6 12h12" />,
  check: <path d="M5 12.5l4.5 4.5L19 7.5" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  out: <><circle cx="12" cy="12" r="8.5" /><path d="M6 18L18 6" /></>,
  clock: <><circle cx="12" cy="12" r="8.5" /><path d="M12 7.5V12l3 2" /></>,
  bell: <><path d="M6 16V11a6 6 0 0112 0v5l1.5 2h-15z" /><path d="M10 20.5h4" /></>,
  phone: <><rect x="7" y="3" width="10" height="18" rx="2.2" /><path d="M11 17.8h2" /></>,
  cloud: <><path d="M7 18a4 4 0 01-.4-7.98A5.5 5.5 0 0117.3 9.1 4.5 4.5 0 0117 18z" /><path d="M9.3 13.2l2 2 3.6-3.8" /></>,
  refused: <><path d="M8.2 3h7.6L21 8.2v7.6L15.8 21H8.2L3 15.8V8.2z" /><path d="M12 8v4.6M12 16v.01" /></>,
  warning: <><path d="M12 4l9 16H3z" /><path d="M12 10v4M12 17v.01" /></>,
  sync: (
    <>
      <path d="M4 12a8 8 0 0114-5.3L20 9" /><path d="M20 4v5h-5" />
      <path d="M20 12a8 8 0 01-14 5.3L4 15" /><path d="M4 20v-5h5" />
    </>
  ),
  list: <><path d="M9 6h11M9 12h11M9 18h11" /><path d="M4.5 6h.01M4.5 12h.01M4.5 18h.01" /></>,
  shop: <><path d="M4 10v10h16V10" /><path d="M3 10l2-6h14l2 6a3 3 0 01-6 0 3 3 0 01-6 0 3 3 0 01-6 0z" /></>,
  score: <path d="M5 20V11M12 20V4M19 20v-6" />,
  talk: <path d="M4 5h16v11H10l-4 3.5V16H4z" />,
  box: <><path d="M4 8l8-4 8 4v8l-8 4-8-4z" /><path d="M4 8l8 4 8-4M12 12v8" /></>,
  cart: <><path d="M3 5h2.2l2 10.5h9.8L19 8H6" /><circle cx="9" cy="19" r="1.3" /><circle cx="16" cy="19" r="1.3" /></>,
  pin: <><path d="M12 21s7-6.4 7-11.4A7 7 0 005 9.6C5 14.6 12 21 12 21z" /><circle cx="12" cy="9.6" r="2.4" /></>,
  lock: <><rect x="5" y="11" width="14" height="9" rx="2" /><path d="M8 11V8a4 4 0 018 0v3" /></>,
  gate: <path d="M5 20V5M19 20V5M5 8h14M5 14h14" />,
  search: <><circle cx="11" cy="11" r="6.5" /><path d="M16 16l4 4" /></>,
  erase: <><path d="M8 5h12v14H8l-5-7z" /><path d="M11.5 9.5l5 5M16.5 9.5l-5 5" /></>,
  download: <><path d="M6 3h8l4 4v14H6z" /><path d="M12 11v6M9.5 14.5L12 17l2.5-2.5" /></>,
  upload: <><path d="M6 3h8l4 4v14H6z" /><path d="M12 17v-6M9.5 13.5L12 11l2.5 2.5" /></>,
  scan: <path d="M4 8V5a1 1 0 011-1h3M16 4h3a1 1 0 011 1v3M20 16v3a1 1 0 01-1 1h-3M8 20H5a1 1 0 01-1-1v-3M7 12h10" />,
  person: <><circle cx="12" cy="8" r="4" /><path d="M4.5 20.5a7.5 7.5 0 0115 0" /></>,
  cake: <><path d="M4 20h16v-8H4zM4 15.5c2.7 2 5.3-2 8 0s5.3-2 8 0" /><path d="M12 12V8M12 4.5v.01" /></>,
  note: <><path d="M5 4h14v16H5z" /><path d="M8.5 9h7M8.5 13h7M8.5 17h4" /></>,
  sun: <><circle cx="12" cy="12" r="4" /><path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" /></>,
  moon: <path d="M20 14.5A8.5 8.5 0 019.5 4a8.5 8.5 0 1010.5 10.5z" />,
  settings: <path d="M4 7h10M18 7h2M4 17h2M10 17h10M14 4.5v5M6 14.5v5" />,
  trash: <path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" />,
  star: <path d="M12 3.6l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z" />,
  map: <><path d="M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2z" /><path d="M9 4v14M15 6v14" /></>,
} as const;

export type IconName = keyof typeof SHAPES;

/** An icon beside words; it is never the only thing that says something, so it is hidden from screen readers. */
export function Icon({ name, size }: { name: IconName; size?: "s" | "l" }) {
  return (
    <svg class={size ? `i ${size}` : "i"} viewBox="0 0 24 24" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}
