// What every screen is made of.

import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "@roundsman/ui/icons";
import { decimalParts } from "@roundsman/ui/format";
import { go, heldBack, lang, notice, onPhone, path, t } from "../state.ts";

export function Screen({ children, tabbed, nopad, busy }: { children: ComponentChildren; tabbed?: boolean; nopad?: boolean; busy?: boolean }) {
  return (
    <>
      <main class={tabbed ? "scroll tabbed" : "scroll"} style={nopad ? { padding: 0, gap: 0 } : {}} aria-busy={busy || undefined}>{children}</main>
      {tabbed && <Tabs />}
    </>
  );
}

export function AppBar({ title, sub, back, children }: { title: string; sub?: string | undefined; back?: string; children?: ComponentChildren }) {
  return (
    <header class="row appbar">
      <button type="button" class="btn btn--icon btn--quiet plain" aria-label={t("app.back")} onClick={() => (back === undefined ? history.back() : go(back))}>
        <Icon name="back" size="l" />
      </button>
      <div class="grow">
        <h1 class="head clip">{title}</h1>
        {sub && <p class="small muted clip">{sub}</p>}
      </div>
      {children}
    </header>
  );
}

const TABS: [string, IconName, "tab.today" | "tab.shops" | "tab.score" | "tab.sync"][] = [
  ["today", "list", "tab.today"],
  ["shops", "shop", "tab.shops"],
  ["score", "score", "tab.score"],
  ["sync", "phone", "tab.sync"],
];

function Tabs() {
  const open = onPhone.value + heldBack.value;
  return (
    <nav class="tabs" aria-label="Roundsman">
      {TABS.map(([to, icon, key]) => (
        <a key={to} href={`#/${to}`} class={path.value[0] === to ? "on" : ""} aria-current={path.value[0] === to ? "page" : undefined}>
          <Icon name={icon} size="l" />
          {t(key)}
          {to === "sync" && open > 0 && <span class="bad">{open}</span>}
        </a>
      ))}
    </nav>
  );
}

/** Decimals as people read them: the whole large, the places small, so that parts add up in front of the user. */
export function Decimal({ value, signed }: { value: string; signed?: boolean }) {
  const [whole, places] = decimalParts(value);
  const minus = whole.startsWith("-");
  const zero = /^-?0(\.0*)?$/.test(value);
  return (
    <>
      {minus ? "−" : signed && !zero ? "+" : ""}
      {minus ? whole.slice(1) : whole}
      {places && <span class="frac">{places}</span>}
    </>
  );
}

export function Waiting() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return late ? (
    <div class="stack pad16" aria-busy="true" aria-label={t("app.loading")}>
      <div class="skel" style={{ width: "60%" }} /><div class="skel" /><div class="skel" style={{ width: "80%" }} />
    </div>
  ) : null;
}

export function Sorry({ text }: { text: string }) {
  return <div class="card pad16 row" role="alert"><Icon name="warning" /><span class="grow">{text}</span></div>;
}

/** What is waited for, went wrong, or is there. */
export function Ask<T>({ of, children }: { of: { answer: T | undefined; error: string | undefined }; children: (answer: T) => ComponentChildren }) {
  if (of.error) return <Sorry text={of.error} />;
  return of.answer === undefined ? <Waiting /> : <>{children(of.answer)}</>;
}

export function Notice() {
  const said = notice.value;
  return (
    <div role="status" aria-live="polite">
      {said && (
        <div class="notice">
          <Icon name={said.what === "done" ? "check" : "warning"} />
          <span class="grow">{said.text}{said.what === "full" && <><br />{t("disk.full.do")}</>}</span>
          <button type="button" class="btn" onClick={() => (notice.value = undefined)}>{t("app.close")}</button>
        </div>
      )}
    </div>
  );
}

export function Whole({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return <main class="whole"><Icon name={icon} size="l" /><h1 class="title">{title}</h1>{children}</main>;
}

export function Chip({ kind, icon, children }: { kind: string; icon?: IconName; children: ComponentChildren }) {
  return <span class={`chip chip--${kind}`}>{icon && <Icon name={icon} />}{children}</span>;
}

/** A choice between a few. */
export function Choice<V extends string>({ value, options, onChange, label, wrap }: {
  value: V | undefined; options: readonly (readonly [V, string])[]; onChange: (to: V) => void; label: string; wrap?: boolean;
}) {
  return (
    <div class={wrap ? "seg seg--wrap" : "seg"} role="group" aria-label={label}>
      {options.map(([option, text]) => (
        <button key={option} type="button" class="btn" aria-pressed={value === option} onClick={() => onChange(option)}>{text}</button>
      ))}
    </div>
  );
}

/** A text in the user's language of a pair that came from the district's data. */
export function titled(title: { zh: string; en: string }): string {
  return (lang.value === "zh" ? title.zh : title.en) || title.en || title.zh;
}
