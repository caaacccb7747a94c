// A page's head: what it is, whether it is live, who looks, and in which language.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { lang, t, theme, type Theme } from "../state/lang.ts";
import { line } from "../state/live.ts";
import { now } from "../state/clock.ts";
import { me } from "../state/session.ts";
import { clockOf } from "./bits.tsx";
import { PasswordDialog } from "../pages/password.tsx";
import { SignOut } from "./sign-out.tsx";

export function Header(props: { title: ComponentChildren; sub?: ComponentChildren; live?: boolean; children?: ComponentChildren }) {
  return (
    <header class="ctop">
      <div class="grow">
        <h1>{props.title}</h1>
        {props.sub && <p class="small muted sub">{props.sub}</p>}
      </div>
      {props.children}
      {props.live && <LiveDot />}
      <Who />
    </header>
  );
}

function LiveDot() {
  return (
    <span class={`livedot livedot--${line.value}`} role="status">
      <i />{t(`live.${line.value}`)}
      <span class="muted" aria-hidden="true">{clockOf(now.value, true)}</span>
    </span>
  );
}

function Who() {
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState(false);
  const who = me();
  return (
    <div class="who">
      <details class="menu" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary class="btn btn--quiet sm"><Icon name="person" size="s" />{who.name}</summary>
        <div class="menu__body card">
          <p class="small muted">{t(`role.${who.role as "admin"}`)}</p>
          <label class="small">{t("theme.label")}
            <select value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
              {(["auto", "light", "dark"] as const).map((name) => <option key={name} value={name}>{t(`theme.${name}`)}</option>)}
            </select>
          </label>
          <button class="btn sm" onClick={() => { setOpen(false); setPassword(true); }}>{t("sign.password.change")}</button>
          <SignOut kind="sm" label={t("sign.out")} />
        </div>
      </details>
      <span class="seg" role="group" aria-label={t("lang.label")}>
        <button class={lang.value === "zh" ? "on" : ""} aria-pressed={lang.value === "zh"} lang="zh-CN" onClick={() => (lang.value = "zh")}>中</button>
        <button class={lang.value === "en" ? "on" : ""} aria-pressed={lang.value === "en"} lang="en" onClick={() => (lang.value = "en")}>EN</button>
      </span>
      {password && <PasswordDialog onClose={() => setPassword(false)} />}
    </div>
  );
}

/** Pages beside each other. */
export function Tabs(props: { tabs: readonly (readonly [href: string, label: ComponentChildren, on: boolean])[]; label: string }) {
  return (
    <nav class="seg seg--tabs" aria-label={props.label}>
      {props.tabs.map(([href, label, on]) => <a key={href} href={href} class={on ? "on" : ""} aria-current={on ? "page" : undefined}>{label}</a>)}
    </nav>
  );
}
