// What a receipt rests on, in words: whose sale, which stop, which count. Below each stands its evidence, for whoever looks it
// up at head office: the import row, or the visit's change and device.

import { day, local } from "@roundsman/ui/format";
import type { Fact, ReceiptNames, VisitFact } from "../core/types.ts";
import { known, lang, t, zone } from "../state.ts";

/** A fact as it is told: what it is about, what it says, what it comes to, and where it is from. */
interface Told { about: string; says: string[]; comes: string; from: string }

export function flagText(flag: string): string {
  const key = `flag.${flag}`;
  return known(key) ? t(key) : flag;
}

/** How a dispute names the fact: as head office finds it. */
export function factLine(fact: Fact): string {
  if ("row" in fact) return fact.row;
  if ("sku" in fact) return `${fact.retailer}/${fact.sku}`;
  return "visit" in fact ? `${fact.retailer}/${fact.visit.visit}` : fact.retailer;
}

/** In one line, for a choice. */
export function factTitle(fact: Fact, names: ReceiptNames): string {
  const { about, says } = told(fact, names);
  return [about, ...says.slice(0, 1)].filter(Boolean).join(" · ");
}

export function FactRow({ fact, names }: { fact: Fact; names: ReceiptNames }) {
  const { about, says, comes, from } = told(fact, names);
  return (
    <li class="step row fact">
      <div class="grow">
        <b>{about}</b>
        {says.map((line, at) => <p key={at} class="small">{line}</p>)}
        {from && <p class="small dim">{from}</p>}
      </div>
      <span class="n">{comes}</span>
    </li>
  );
}

function told(fact: Fact, names: ReceiptNames): Told {
  const shop = (id: string) => names.shops[id] ?? id;
  const sku = (id: string) => names.skus[id] ?? id;
  const date = (of: string) => day(of, lang.value);
  const yes = (is: boolean) => t(is ? "fact.counts" : "fact.not");
  switch (fact.kind) {
    case "target":
      return { about: t("fact.target"), says: fact.item ? [sku(fact.item)] : [], comes: fact.plan, from: fact.row };
    case "sale": {
      const [, on = "", retailer = "", item = ""] = fact.row.split("/");
      return { about: shop(retailer), says: [`${date(on)} · ${sku(item)}`, t("fact.packs", { n: fact.packs })], comes: fact.value, from: fact.row };
    }
    case "stop":
      return { about: shop(fact.retailer), says: [`${date(fact.date)} · ${t(fact.visits.length > 0 ? "fact.visited" : "fact.unvisited")}`, ...fact.visits.map(visited)], comes: yes(fact.visited), from: [fact.row, ...fact.visits.map(evidence)].join(" · ") };
    case "shop":
      return { about: shop(fact.retailer), says: [names.routes[fact.route] ?? fact.route, t("fact.width", { n: fact.width, standard: fact.standard })], comes: yes(fact.reached), from: "" };
    case "held":
      return {
        about: shop(fact.retailer),
        says: [sku(fact.sku), [fact.counted === null ? t("fact.uncounted") : t("fact.counted", { n: fact.counted }), t("fact.invoiced", { n: fact.invoiced })].join(" · ")],
        comes: yes(fact.held), from: fact.rows.map((row) => row.row).join(" "),
      };
    case "stock_check":
      return { about: shop(fact.retailer), says: [t("fact.check"), visited(fact.visit)], comes: "", from: evidence(fact.visit) };
    case "passed_over":
      return { about: shop(fact.retailer), says: [t("fact.passed"), visited(fact.visit)], comes: "", from: evidence(fact.visit) };
    case "transfer":
      return { about: t("fact.transfer", { name: names.people[fact.with] ?? fact.with }), says: fact.item ? [sku(fact.item)] : [], comes: fact.amount, from: fact.row };
    case "event":
      return { about: fact.note, says: [[date(fact.date), fact.retailer ? shop(fact.retailer) : ""].filter(Boolean).join(" · ")], comes: fact.points, from: fact.row };
    case "ruling":
      return { about: fact.note, says: [t("fact.ruling", { by: fact.by, approved: fact.approved_by })], comes: fact.points, from: fact.row };
  }
}

/** When a visit was, and what is against it. */
function visited(visit: VisitFact): string {
  const time = (ms: number) => local(ms, zone.value)[1];
  const when = `${day(visit.date, lang.value)} ${time(visit.in_ms)}${visit.out_ms === null ? "" : `–${time(visit.out_ms)}`}`;
  return [when, t(visit.effective ? "fact.effective" : "fact.ineffective"), ...visit.flags.map(flagText)].join(" · ");
}

function evidence({ change, device }: VisitFact): string {
  return t("fact.evidence", { change: change.slice(0, 8), device: device.slice(0, 8) });
}
