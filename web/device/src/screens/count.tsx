// Count: the shop's SKUs, best sellers first, on a number pad of our own. Every key is kept at once.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { call } from "../core/client.ts";
import type { CountSheet, Line } from "../core/types.ts";
import { useAsk } from "../parts/ask.ts";
import { AppBar, Ask } from "../parts/basics.tsx";
import { changed, drafted, draftName, readDraft, type Numbers } from "../parts/drafts.ts";
import { matches } from "../parts/pinyin.ts";
import { canScan } from "../parts/scan.ts";
import { act, go, t, tell } from "../state.ts";
import { Scan } from "./enrol.tsx";

const PACKS_MAX = 1_000_000;

export function Count({ visit }: { visit: string }) {
  // Asked once: what is being counted must not change under the thumb.
  const [sheet, setSheet] = useState<CountSheet>();
  const asked = useAsk("count_sheet", { visit });
  useEffect(() => {
    if (asked.answer && !sheet) setSheet(asked.answer);
  }, [asked.answer]);
  return sheet ? <Counting sheet={sheet} /> : <><AppBar title={t("count.title")} /><Ask of={asked}>{() => null}</Ask></>;
}

function counted(sheet: CountSheet): Numbers {
  const lines = [...sheet.lines, ...sheet.others].filter((line) => line.counted !== null);
  return Object.fromEntries(lines.map((line) => [line.sku, line.counted ?? 0]));
}

function Counting({ sheet }: { sheet: CountSheet }) {
  const before = useRef(counted(sheet));
  const [packs, setPacks] = useState<Numbers>(() => drafted(before.current, readDraft(sheet.draft)));
  const [active, setActive] = useState<string | undefined>(() => sheet.lines.find((line) => !(line.sku in packs))?.sku ?? sheet.lines[0]?.sku);
  const [find, setFind] = useState<string>();
  const [scanning, setScanning] = useState(false);
  const latest = useRef(packs);
  const settled = useRef(false);
  const step = draftName("stock", sheet.visit);

  const keep = (next: Numbers) => {
    latest.current = next;
    setPacks(next);
    call("put_draft", { step, content: JSON.stringify(changed(next, before.current)) }).catch(tell);
  };
  const put = (sku: string, n: number | undefined) => {
    const next = { ...latest.current };
    if (n === undefined) delete next[sku];
    else next[sku] = Math.max(0, Math.min(PACKS_MAX, n));
    keep(next);
  };
  /** Writes the action; the draft ends with it. */
  const settle = async () => {
    if (settled.current) return true;
    const stock = changed(latest.current, before.current);
    if (Object.keys(stock).length === 0) {
      await call("drop_draft", { step });
      return true;
    }
    const done = await act(() => call("count_stock", { visit: sheet.visit, stock, draft: step }));
    settled.current = done;
    return done;
  };
  const leave = async () => {
    if (await settle()) go(`visit/${sheet.visit}`, true);
  };
  // Left by the phone's own way back: the same.
  useEffect(() => () => void settle().catch(() => undefined), []);

  const lines = [...sheet.lines, ...sheet.others.filter((line) => line.sku in packs)];
  const found = find === undefined ? lines : [...sheet.lines, ...sheet.others].filter((line) => matches(line.name, find) || line.sku === find);
  const line = [...sheet.lines, ...sheet.others].find((one) => one.sku === active);
  const next = () => {
    setFind(undefined);
    const at = lines.findIndex((one) => one.sku === active);
    const after = [...lines.slice(at + 1), ...lines.slice(0, at)];
    const open = after.find((one) => !(one.sku in latest.current));
    if (open) setActive(open.sku);
    else void leave();
  };

  if (scanning) {
    const cancel = () => setScanning(false);
    return <Scan failed={cancel} cancel={cancel} found={(text) => {
      cancel();
      if ([...sheet.lines, ...sheet.others].some((one) => one.sku === text)) setActive(text);
      else setFind(text);
    }} />;
  }
  const done = lines.filter((one) => one.sku in packs).length;
  return (
    <>
      <AppBarLeaving title={t("count.title")} sub={sheet.shop} leave={leave}>
        <span class="n n--num" style={{ marginRight: "4px" }} aria-label={t("count.of", { k: done, n: lines.length })}>{done}<span class="u">/{lines.length}</span></span>
        {canScan() && <button type="button" class="btn btn--icon btn--quiet plain" aria-label={t("count.scan")} onClick={() => setScanning(true)}><Icon name="scan" size="l" /></button>}
        <button type="button" class="btn btn--icon btn--quiet plain" aria-label={t("app.search")} aria-expanded={find !== undefined}
          onClick={() => setFind(find === undefined ? "" : undefined)}><Icon name={find === undefined ? "search" : "close"} size="l" /></button>
      </AppBarLeaving>
      <main class="scroll" style={{ padding: 0 }}>
        {find !== undefined && (
          <div class="pad16"><input class="input" type="search" autofocus placeholder={t("count.search")} aria-label={t("count.search")} value={find} onInput={(event) => setFind(event.currentTarget.value)} /></div>
        )}
        {found.length === 0 && <p class="pad16 muted">{t("count.notfound", { text: find ?? "" })}</p>}
        <ul class="rows list">{found.map((one) => <Row key={one.sku} line={one} n={packs[one.sku]} active={one.sku === active} activate={() => setActive(one.sku)} put={(n) => put(one.sku, n)} />)}</ul>
        <div class="countspace" />
      </main>
      {line && (find === undefined || find !== "") && <Pad key={line.sku} line={line} n={packs[line.sku]} put={(n) => put(line.sku, n)} next={next} last={done >= lines.length || (done === lines.length - 1 && !(line.sku in packs))} />}
    </>
  );
}

export function AppBarLeaving({ title, sub, leave, children }: { title: string; sub: string; leave: () => Promise<void>; children?: preact.ComponentChildren }) {
  return (
    <header class="row appbar">
      <button type="button" class="btn btn--icon btn--quiet plain" aria-label={t("app.back")} onClick={() => void leave()}><Icon name="back" size="l" /></button>
      <div class="grow"><h1 class="head clip">{title}</h1><p class="small muted clip">{sub}</p></div>
      {children}
    </header>
  );
}

function Row({ line, n, active, activate, put }: { line: Line; n: number | undefined; active: boolean; activate: () => void; put: (n: number) => void }) {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const name = `${line.name}, ${n ?? "–"} ${t("count.pack")}`;
  return (
    <li ref={row} class={`count ${active ? "count--active" : ""} ${n === undefined ? "count--todo" : ""}`}>
      <button type="button" class="count__name" onClick={activate} aria-current={active ? "true" : undefined}>
        <b class="head">{line.name}</b><br />
        <span class="count__last">{line.last === null ? t("count.last.none") : t("count.last", { n: line.last })}{n === 0 && <> · <b class="lost">{t("count.out")}</b></>}</span>
      </button>
      <div class="stepper">
        <button type="button" aria-label={`${name}, ${t("count.one.less")}`} onClick={() => { activate(); put((n ?? 1) - 1); }}><Icon name="minus" /></button>
        <span class="n" aria-hidden="true">{n ?? "–"}</span>
        <button type="button" aria-label={`${name}, ${t("count.one.more")}`} onClick={() => { activate(); put((n ?? 0) + 1); }}><Icon name="plus" /></button>
      </div>
    </li>
  );
}

/** Which field the thumb was in last: whoever counts in cartons goes on in cartons. */
let lastField: "cartons" | "packs" = "packs";

function Pad({ line, n, put, next, last }: { line: Line; n: number | undefined; put: (n: number | undefined) => void; next: () => void; last: boolean }) {
  const per = Math.max(1, line.packs_per_carton);
  const [field, setField] = useState(lastField);
  // What was typed stands as typed; both fields together are the sum.
  const [typed, setTyped] = useState<{ cartons: string; packs: string }>(() =>
    n === undefined ? { cartons: "", packs: "" } : field === "packs" && n < per * 10 ? { cartons: "", packs: String(n) } : { cartons: String(Math.floor(n / per)), packs: String(n % per) });
  const fresh = useRef(true);
  const sum = Number(typed.cartons || 0) * per + Number(typed.packs || 0);
  const empty = typed.cartons === "" && typed.packs === "";
  // A stepper in the list may have changed it meanwhile.
  useEffect(() => {
    if (n !== undefined && n !== sum) setTyped(field === "packs" ? { cartons: "", packs: String(n) } : { cartons: String(Math.floor(n / per)), packs: String(n % per) });
  }, [n]);
  const write = (to: { cartons: string; packs: string }) => {
    setTyped(to);
    put(to.cartons === "" && to.packs === "" ? undefined : Number(to.cartons || 0) * per + Number(to.packs || 0));
  };
  const digit = (d: number) => {
    // The first key replaces what was there, as on a calculator.
    const begun = fresh.current ? (n === undefined ? typed : { cartons: "", packs: "" }) : typed;
    fresh.current = false;
    const text = `${begun[field]}${d}`.replace(/^0+(?=\d)/, "");
    if (text.length <= 5) write({ ...begun, [field]: text });
  };
  const erase = () => {
    fresh.current = false;
    write({ ...typed, [field]: typed[field].slice(0, -1) });
  };
  const choose = (to: "cartons" | "packs") => {
    lastField = to;
    fresh.current = false;
    setField(to);
  };
  const put_and_go = (value: number) => {
    put(value);
    next();
  };
  const key = (d: number) => <button key={d} type="button" class="key" onClick={() => digit(d)}>{d}</button>;
  return (
    <section class="pad" aria-label={line.name}>
      <div class="row" style={{ marginBottom: "8px" }}><b class="grow clip">{line.name}</b><span class="small muted">{t("count.per", { n: per })}</span></div>
      <div class="pad__v">
        {(["cartons", "packs"] as const).map((which) => (
          <button key={which} type="button" class={`pad__f ${field === which ? "pad__f--on" : ""}`} aria-pressed={field === which} onClick={() => choose(which)}>
            <span class="n">{typed[which] || (empty && field === which ? "" : "0")}</span><span class="small">{t(which === "cartons" ? "count.carton" : "count.pack")}</span>
          </button>
        ))}
        <div class="end" style={{ width: "92px" }} aria-live="polite"><span class="n n--title">{empty ? "–" : sum}<span class="u">{t("count.pack")}</span></span></div>
      </div>
      <div class="pad__k">
        {[1, 2, 3].map(key)}
        <button type="button" class="key key--w" disabled={line.last === null} onClick={() => put_and_go(line.last ?? 0)}>{t("count.same")}</button>
        {[4, 5, 6].map(key)}
        <button type="button" class="key key--w" onClick={() => put_and_go(0)}>{t("count.none")}</button>
        {[7, 8, 9].map(key)}
        <button type="button" class="key key--go" style={{ gridColumn: 4 }} onClick={next}>{t(last ? "count.done" : "count.next")}</button>
        <button type="button" class="key key--w" onClick={() => choose(field === "packs" ? "cartons" : "packs")}>{t("count.switch")}</button>
        {key(0)}
        <button type="button" class="key" aria-label={t("count.erase")} onClick={erase}><Icon name="erase" size="l" /></button>
      </div>
    </section>
  );
}
