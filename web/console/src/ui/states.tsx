// What a page says while it has nothing to show, and why.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "@roundsman/ui/icons";
import type { Loaded } from "../state/load.ts";
import type { Problem } from "../api/client.ts";
import { t } from "../state/lang.ts";

/** One sentence, why, and one thing to do. */
export function StateBox(props: { icon: IconName; head: string; why?: string; bad?: boolean; children?: ComponentChildren }) {
  return (
    <div class={props.bad ? "statebox statebox--bad" : "statebox"} role={props.bad ? "alert" : "status"}>
      <Icon name={props.icon} size="l" />
      <p class="head">{props.head}</p>
      {props.why && <p class="muted">{props.why}</p>}
      {props.children}
    </div>
  );
}

export function ProblemBox({ problem, again }: { problem: Problem; again?: () => void }) {
  const [head, why] =
    problem.offline ? [t("state.unreachable"), t("state.unreachable.why")]
    : problem.status === 403 ? [t("state.forbidden"), ""]
    : [problem.message, problem.status >= 500 ? t("state.failed.why") : ""];
  return (
    <StateBox icon={problem.status === 403 ? "lock" : "warning"} head={head} why={why} bad>
      {problem.detail && (
        <details class="small muted">
          <summary>{t("do.details")}</summary>
          <p lang="en">{problem.detail}</p>
        </details>
      )}
      {again && <button class="btn" onClick={again}>{t("do.again")}</button>}
    </StateBox>
  );
}

/** Grey lines in place of a table; only after a third of a second, so that quick pages don't flicker. */
export function Skeleton({ lines = 6 }: { lines?: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return <div class="skeleton" aria-hidden="true" />;
  return (
    <div class="skeleton" role="status" aria-label={t("state.loading")}>
      {Array.from({ length: lines }, (_, line) => <i key={line} />)}
    </div>
  );
}

/** Shows data when they are there, and otherwise what there is to say. */
export function Loads<T>({ of, lines, children }: { of: Loaded<T>; lines?: number; children: (data: T) => ComponentChildren }) {
  if (of.data === undefined) {
    return of.problem ? <ProblemBox problem={of.problem} again={of.again} /> : <Skeleton {...(lines ? { lines } : {})} />;
  }
  return (
    <>
      {of.problem && (
        <p class="banner" role="status">
          <Icon name="clock" size="s" /> <span class="grow">{t("state.old")}</span>
          <button class="btn sm" onClick={of.again}>{t("do.again")}</button>
        </p>
      )}
      {children(of.data)}
    </>
  );
}
