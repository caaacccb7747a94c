// The month's board: who has how many points of what, and where each point comes from.

import { Fragment } from "preact";
import { useMemo, useState } from "preact/hooks";
import { day, monthName } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { get, Problem } from "../../api/client.ts";
import { percent, sumOf, tenThousandths, twoPlaces, type Indicator, type ManagerScore, type MonthScore } from "../../api/score.ts";
import { lang, t, titled, type TextKey } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { link } from "../../state/route.ts";
import { serverNow } from "../../state/clock.ts";
import { me } from "../../state/session.ts";
import { Points, when } from "../../ui/bits.tsx";
import { Header, Tabs } from "../../ui/header.tsx";
import { Loads, ProblemBox, Skeleton, StateBox } from "../../ui/states.tsx";
import { TakeAway } from "../../ui/table.tsx";
import { monthOf, plusMonths, quarterOf, schemeOf, useCommon, type Common, type IndicatorView, type SchemeView } from "./data.ts";
import { DisputesPage } from "./disputes.tsx";
import { LifeBar, RestatementPage, useLife, type Part } from "./life.tsx";
import { PointsPage } from "./points.tsx";
import { ReceiptPanel } from "./receipt.tsx";

export function ScoreTabs({ month, stars }: { month: string; stars?: boolean }) {
  const current = monthOf(me().today);
  const months = [...new Set([plusMonths(current, -2), plusMonths(current, -1), current, ...(stars ? [] : [month])])].sort();
  const quarters = [...new Set([quarterOf(plusMonths(current, -3)), quarterOf(current)])];
  return (
    <Tabs
      label={t("scores.title")}
      tabs={[
        ...months.map((one) => [link("scores", one), monthName(one, lang.value), !stars && one === month] as const),
        ...quarters.map((one) => [link("scores", "stars", one), t("scores.stars", { q: one }), !!stars && one === quarterOf(month)] as const),
      ]}
    />
  );
}

export function ScoresPage({ month = monthOf(me().today), person, indicator, part = "" }: { month?: string; person?: string; indicator?: string; part?: Part }) {
  const life = useLife(month);
  const common = useCommon();
  const score = useLoad(month, (signal) => get<MonthScore>(`/v1/scores/${month}`, {}, signal));
  const scheme = common.data && score.data ? schemeOf(common.data, score.data.scheme_hash) : undefined;
  const missing = score.problem instanceof Problem && score.problem.status === 404;
  return (
    <>
      <Header title={t("scores.title")} sub={<>{month}{scheme && <> · {titled(scheme.title)} <code>{scheme.id}</code></>}{score.data && <> · {t("scores.asof", { day: day(score.data.as_of, lang.value) })}</>}</>} />
      <div class="tabsrow"><ScoreTabs month={month} /><span class="grow" /><LifeBar month={month} life={life} part={part} names={common.data?.names} onChanged={score.again} />
        <a class="btn sm" href={link("scores", "report", month)}><Icon name="note" size="s" />{t("export.report")}</a>
      </div>
      {missing ? <StateBox icon="score" head={t("scores.noscheme", { month: monthName(month, lang.value) })} why={t("scores.noscheme.why")} />
        : common.problem ? <ProblemBox problem={common.problem} again={common.again} />
        : !common.data ? <Skeleton />
        : part === "restatement" ? <Loads of={life}>{(life) => <RestatementPage month={month} revision={life.revisions.length} common={common.data as Common} />}</Loads>
        : part === "disputes" ? <DisputesPage month={month} common={common.data} />
        : part === "points" ? <PointsPage month={month} common={common.data} />
        : (
          <Loads of={score} lines={9}>
            {(score) => {
              const shared = common.data as Common;
              const scheme = schemeOf(shared, score.scheme_hash);
              if (!scheme) return <StateBox icon="warning" head={t("state.failed")} bad />;
              return <Month score={score} scheme={scheme} common={shared} person={person} indicator={indicator} revision={life.data?.revisions.length ?? 0} />;
            }}
          </Loads>
        )}
    </>
  );
}

/** Managers whose work is not all here: the month may still change by it. */
export function incomplete(score: MonthScore, common: Common): string {
  // A day's silence in a month that goes on is no news; at its end everything has to be here.
  const ends = Math.min(serverNow() - 24 * 3_600_000, Date.parse(`${score.as_of}T16:00:00Z`));
  const late = Object.entries(score.complete_up_to ?? {}).filter(([, at]) => at === null || at < ends);
  const say = ([person, at]: [string, number | null]) => {
    const who = common.names.get(person) ?? person;
    return at === null ? t("scores.never", { who }) : t("scores.incomplete.who", { who, when: when(at) });
  };
  const shown = late.slice(0, 3).map(say).join(lang.value === "zh" ? "，" : ", ");
  return late.length === 0 ? "" : shown + (late.length > 3 ? ` ${t("today.unknown.others", { n: late.length })}` : "") + (lang.value === "zh" ? "。" : ".");
}

type SortKey = "total" | "name" | "progress" | string;

function Month(props: { score: MonthScore; scheme: SchemeView; common: Common; person: string | undefined; indicator: string | undefined; revision: number }) {
  const { score, scheme, common } = props;
  const [sort, setSort] = useState<{ key: SortKey; down: boolean }>({ key: "total", down: true });
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set(["cultivation", "auxiliary"]));
  const groups = useMemo(() => {
    const out: { name: string; columns: IndicatorView[] }[] = [];
    for (const view of scheme.indicators) {
      const last = out.find((group) => group.name === view.class);
      if (last) last.columns.push(view);
      else out.push({ name: view.class, columns: [view] });
    }
    return out;
  }, [scheme]);
  const pointsOf = (manager: ManagerScore, id: string) => manager.indicators.find((indicator) => indicator.id === id)?.points ?? "0";
  const rows = useMemo(() => {
    const value = (manager: ManagerScore): bigint | string => {
      if (sort.key === "name") return common.names.get(manager.person_id) ?? manager.person_id;
      if (sort.key === "total") return tenThousandths(manager.total);
      if (sort.key === "progress") return tenThousandths(progressOf(manager) ?? "0");
      const group = groups.find((group) => group.name === sort.key);
      return tenThousandths(group ? sumOf(group.columns.map((view) => pointsOf(manager, view.id))) : pointsOf(manager, sort.key));
    };
    const order = (a: bigint | string, b: bigint | string) =>
      typeof a === "string" && typeof b === "string" ? a.localeCompare(b, "zh-CN") : a < b ? -1 : a > b ? 1 : 0;
    return [...score.managers].sort((a, b) => (sort.down ? -1 : 1) * order(value(a), value(b)) || (a.person_id < b.person_id ? -1 : 1));
  }, [score, sort, groups, common]);
  const late = incomplete(score, common);
  const head = (key: SortKey, label: preact.ComponentChildren, right = true) => (
    <th scope="col" class={right ? "r" : ""} aria-sort={sort.key === key ? (sort.down ? "descending" : "ascending") : undefined}>
      <button class="sorts" onClick={() => setSort({ key, down: sort.key === key ? !sort.down : right })}>{label}<span aria-hidden="true">{sort.key === key ? (sort.down ? " ↓" : " ↑") : ""}</span></button>
    </th>
  );
  const toggle = (name: string) => {
    const next = new Set(closed);
    if (!next.delete(name)) next.add(name);
    setClosed(next);
  };
  return (
    <>
      {late && <p class="banner" role="status"><Icon name="clock" size="s" /><span><b>{t("scores.incomplete")}</b> {late}</span></p>}
      <div class="two sc2">
        <section class="card" aria-label={t("scores.title")}>
          <div class="scrolls" tabIndex={0} role="group" aria-label={t("scores.title")}>
            <table class="t st2">
              <thead>
                <tr class="g">
                  <td colSpan={5} />
                  {groups.map((group) => (
                    <th key={group.name} scope="colgroup" class="gh" colSpan={closed.has(group.name) ? 1 : group.columns.length}>
                      <button class="sorts" aria-expanded={!closed.has(group.name)} onClick={() => toggle(group.name)}>
                        {t(`scores.class.${group.name}` as TextKey)} {group.columns.length > 1 && (closed.has(group.name) ? `+${group.columns.length}` : "−")}
                      </button>
                    </th>
                  ))}
                </tr>
                <tr>
                  <th scope="col">{t("scores.rank")}</th>{head("name", t("col.name"), false)}<th scope="col">{t("col.upto")}</th>{head("total", t("scores.total"))}{head("progress", t("scores.progress"))}
                  {groups.map((group) => closed.has(group.name)
                    ? <Fragment key={group.name}>{head(group.name, t("today.total"))}</Fragment>
                    : group.columns.map((view) => <Fragment key={view.id}>{head(view.id, <>{titled(view.title)}{view.weight && <small>{Number(view.weight)}</small>}</>)}</Fragment>))}
                </tr>
              </thead>
              <tbody>
                {rows.map((manager, n) => (
                  <tr key={manager.person_id} class={manager.gated ? "gated" : ""} data-person={manager.person_id}>
                    <td class="dim r">{n + 1}</td>
                    <td><b>{common.names.get(manager.person_id) ?? manager.person_id}</b></td>
                    <td><Upto at={score.complete_up_to?.[manager.person_id]} held={score.held_back?.[manager.person_id]} published={!score.complete_up_to} /></td>
                    <td class="r tot"><Points value={manager.total} /></td>
                    <td class="r"><Progress manager={manager} /></td>
                    {groups.map((group) => closed.has(group.name)
                      ? <td key={group.name} class="r">{twoPlaces(sumOf(group.columns.map((view) => pointsOf(manager, view.id))))}</td>
                      : group.columns.map((view) => (
                        <Cell key={view.id} score={score} manager={manager} view={view} on={props.person === manager.person_id && props.indicator === view.id} />
                      )))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="row foot1"><p class="small muted grow">{t("scores.foot")}</p><TakeAway path={`/v1/tables/scores?month=${score.month}`} /></div>
        </section>
        <aside>
          {props.person && props.indicator
            ? <ReceiptPanel key={`${props.person}/${props.indicator}`} month={score.month} person={props.person} indicator={props.indicator} name={common.names.get(props.person) ?? props.person} revision={props.revision} />
            : <section class="card"><StateBox icon="score" head={t("scores.receipt.choose")} /></section>}
        </aside>
      </div>
    </>
  );
}

function Upto({ at, held, published }: { at: number | null | undefined; held: number | undefined; published: boolean }) {
  if (published) return <span class="small muted"><Icon name="lock" size="s" /></span>;
  return (
    <span class="small">
      {at == null ? <span class="unkt">?</span> : <span class="muted">{when(at)}</span>}
      {held ? <><br /><span class="fault-text">{t("scores.held", { n: held })}</span></> : null}
    </span>
  );
}

function progressOf(manager: ManagerScore): string | null {
  return manager.gate ? (manager.gate.judged_by === "pace" ? manager.gate.pace : manager.gate.progress) : null;
}

function Progress({ manager }: { manager: ManagerScore }) {
  const progress = progressOf(manager);
  if (progress === null) return <span class="dim">–</span>;
  return manager.gated
    ? <span class="chip chip--out" title={manager.gate ? t("scores.gated", { p: percent(manager.gate.below) }) : ""}><Icon name="gate" />{percent(progress)}</span>
    : <span class="pc">{percent(progress)}</span>;
}

/** The bar ends at 130 % of the weight; the thin line is 100 % of plan. */
function Cell({ score, manager, view, on }: { score: MonthScore; manager: ManagerScore; view: IndicatorView; on: boolean }) {
  const indicator = manager.indicators.find((indicator) => indicator.id === view.id);
  if (!indicator) return <td class="r dim">–</td>;
  const to = link("scores", score.month, manager.person_id, view.id);
  return (
    <td class={on ? "r sc sel" : "r sc"}>
      <a class="plain" href={to} aria-current={on ? "true" : undefined} title={`${titled(view.title)} ${indicator.points}`}>
        <span class={indicator.points.startsWith("-") ? "neg" : ""}>{view.formula === "events" && !indicator.points.startsWith("-") && tenThousandths(indicator.points) > 0n ? "+" : ""}{twoPlaces(indicator.points)}</span>
        {view.weight && <Bar indicator={indicator} weight={view.weight} />}
      </a>
    </td>
  );
}

function Bar({ indicator, weight }: { indicator: Indicator; weight: string }) {
  const share = Number(weight) > 0 ? Number(indicator.points) / (Number(weight) * 1.3) : 0;
  return <span class="mb" aria-hidden="true"><i style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} /><u /></span>;
}
