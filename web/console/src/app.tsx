// The frame: who may see what, the rail, and the page of the address.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon, type IconName } from "@roundsman/ui/icons";
import { SignOut } from "./ui/sign-out.tsx";
import { StateBox } from "./ui/states.tsx";
import { lang, t, type TextKey } from "./state/lang.ts";
import { link, route } from "./state/route.ts";
import { load, session } from "./state/session.ts";
import { SignIn } from "./pages/sign-in.tsx";
import { TodayPage } from "./pages/today/today.tsx";
import { DayPage } from "./pages/today/day.tsx";
import { VisitPage } from "./pages/today/visit.tsx";
import { ScoresPage } from "./pages/scores/scores.tsx";
import { PARTS } from "./pages/scores/life.tsx";
import { StarsPage } from "./pages/scores/stars.tsx";
import { ReportPage } from "./pages/scores/report.tsx";
import { OrdersPage } from "./pages/orders/orders.tsx";
import { ShopsPage } from "./pages/shops/shops.tsx";
import { RunPage } from "./pages/run/run.tsx";
import { TargetsPage } from "./pages/targets/targets.tsx";
import { ExportPage } from "./pages/export.tsx";

const RAIL: readonly [string, IconName, TextKey][] = [
  ["today", "list", "nav.today"],
  ["scores", "score", "nav.scores"],
  ["orders", "cart", "nav.orders"],
  ["shops", "shop", "nav.shops"],
  ["targets", "gate", "nav.targets"],
  ["run", "box", "nav.run"],
  ["export", "download", "nav.export"],
];

function page(parts: readonly string[]): ComponentChildren {
  const [first = "today", a, b, c] = parts;
  switch (first) {
    case "today":
      if (a && b === "visit" && c && parts[4]) return <VisitPage key={parts.join("/")} date={a} route={c} visit={parts[4]} />;
      if (a && b) return <DayPage key={`${a}/${b}`} date={a} person={b} />;
      return <TodayPage key={a ?? ""} {...(a ? { date: a } : {})} />;
    case "scores":
      if (a === "stars") return <StarsPage {...(b ? { quarter: b } : {})} />;
      if (a === "report" && b) return <ReportPage month={b} />;
      return <ScoresPage {...(a ? { month: a } : {})} {...(b && c ? { person: b, indicator: c } : {})} part={PARTS.find((part) => part && part === b && !c) ?? ""} />;
    case "orders":
      return <OrdersPage part={a ?? ""} {...(b ? { visit: b } : {})} />;
    case "shops":
      return <ShopsPage view={a ?? "sku"} />;
    case "targets":
      return <TargetsPage part={a ?? ""} />;
    case "run":
      return <RunPage tab={a ?? ""} part={b ?? ""} />;
    case "export":
      return <ExportPage />;
    default:
      return (
        <>
          <h1 class="t-title">{t("state.missing")}</h1>
          <p><a class="btn" href={link("today")}>{t("nav.today")}</a></p>
        </>
      );
  }
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="32" height="32" role="img" aria-label="Roundsman">
      <rect width="32" height="32" rx="9" fill="var(--accent)" />
      <path d="M8 22c0-9 5-13 8-13s8 2.5 8 6.5-4 5.5-7 5.5" fill="none" stroke="var(--on-accent)" stroke-width="2.6" stroke-linecap="round" />
      <circle cx="17" cy="21" r="2.6" fill="var(--on-accent)" />
    </svg>
  );
}

export function App() {
  const state = session.value;
  const first = route.value.parts[0] ?? "today";
  useEffect(() => {
    document.title = `${t((RAIL.find(([key]) => key === first)?.[2] ?? "nav.today"))} · Roundsman`;
  }, [first, lang.value]);
  if (state.state === "unknown") return <div class="rm frame-wait" />;
  if (state.state === "unreachable") {
    return (
      <div class="rm frame-wait">
        <StateBox icon="warning" head={t("state.unreachable")} why={t("state.unreachable.why")} bad>
          <button class="btn" onClick={() => void load()}>{t("do.again")}</button>
        </StateBox>
      </div>
    );
  }
  if (state.state === "out") return <SignIn ended={state.ended} />;
  if (state.me.role === "manager") {
    return (
      <div class="rm frame-wait">
        <StateBox icon="phone" head={t("sign.manager")}>
          <a class="btn" href="/app/">{t("app.name")}</a>
          <SignOut kind="btn--quiet" label={t("sign.out")} />
        </StateBox>
      </div>
    );
  }
  return (
    <div class="rm frame">
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}>{t("skip")}</a>
      <nav class="rail" aria-label={t("nav.main")}>
        <Logo />
        {RAIL.map(([key, icon, text]) => (
          <a key={key} class={first === key ? "on" : ""} href={link(key)} aria-current={first === key ? "page" : undefined}>
            <Icon name={icon} size="l" /><span>{t(text)}</span>
          </a>
        ))}
      </nav>
      <main id="main" tabIndex={-1}>{page(route.value.parts)}</main>
    </div>
  );
}
