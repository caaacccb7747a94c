// Two schemes beside each other: what a point, a visit or a star would be by the one and by the other.

import { useState } from "preact/hooks";
import { post } from "../../../api/client.ts";
import type { Change, Comparison, Verdict } from "../../../api/schemes.ts";
import { named, t, titled } from "../../../state/lang.ts";
import { useLoad } from "../../../state/load.ts";
import { Chip } from "../../../ui/bits.tsx";
import { Loads, StateBox } from "../../../ui/states.tsx";
import { Table, TakePosted } from "../../../ui/table.tsx";
import { SchemeChoice, chosen, type Chosen } from "./choice.tsx";
import type { Version } from "./schemes.tsx";

export function ComparePage({ versions }: { versions: Version[] }) {
  const inForce = versions.find((version) => version.in_force) ?? (versions[0] as Version);
  const [a, setA] = useState<Chosen>(() => chosen(inForce));
  const [b, setB] = useState<Chosen>(() => chosen(versions.find((version) => version !== inForce) ?? inForce));
  const body = { a: a.of, b: b.of };
  const comparison = useLoad(JSON.stringify(body), () => post<Comparison>("/v1/schemes/compare", body));
  return (
    <section class="card one" aria-label={t("schemes.part.compare")}>
      <div class="choices inset"><SchemeChoice label={t("schemes.a")} versions={versions} value={a} onChange={setA} /><SchemeChoice label={t("schemes.b")} versions={versions} value={b} onChange={setB} /></div>
      <Loads of={comparison}>{(comparison) => <Differences comparison={comparison} versions={versions} body={body} />}</Loads>
    </section>
  );
}

interface Row extends Change {
  part: string;
  verdict: Verdict;
}

function Differences({ comparison, versions, body }: { comparison: Comparison; versions: Version[]; body: unknown }) {
  if (comparison.same) return <StateBox icon="check" head={t("schemes.same")} why={t("schemes.same.why")} />;
  const titles = new Map(versions.flatMap((version) => version.scheme?.indicators ?? []).map((view) => [view.id, view.title]));
  const title = (id: string) => {
    const known = titles.get(id);
    return known ? titled(known) : id;
  };
  const of = (part: string, changes: Change[], verdict: Verdict = "changed") => changes.map((change): Row => ({ ...change, part, verdict }));
  const rows = [
    ...of(t("schemes.of.general"), comparison.general), ...of(t("schemes.gate"), comparison.gate), ...of(t("schemes.of.visits"), comparison.visits),
    ...comparison.indicators.flatMap((indicator) => of(title(indicator.id), indicator.fields, indicator.verdict)),
    ...of(t("stars.stars"), comparison.stars),
  ];
  const same = comparison.indicators.filter((indicator) => indicator.verdict === "same").length;
  return (
    <>
      <Table
        label={t("schemes.part.compare")}
        rows={rows}
        id={(row) => `${row.part}/${row.field}`}
        columns={[
          { key: "part", head: t("schemes.what"), cell: (row) => <><b>{row.part}</b>{row.verdict !== "changed" && <> <Chip kind={row.verdict === "added" ? "safe" : "flag"}>{t(`schemes.verdict.${row.verdict}`)}</Chip></>}</>, by: (row) => row.part },
          { key: "field", head: t("schemes.field"), cell: (row) => fieldName(row.field), by: (row) => row.field },
          { key: "a", head: t("schemes.a"), cell: (row) => <Value text={row.a} /> },
          { key: "b", head: t("schemes.b"), cell: (row) => <b><Value text={row.b} /></b> },
        ]}
      />
      <div class="row foot1"><span class="small muted grow">{t("schemes.same.n", { n: same })}</span><TakePosted path="/v1/schemes/compare" body={body} /></div>
    </>
  );
}

function Value({ text }: { text: string | null }) {
  return text === null ? <span class="muted">{t("stars.unset")}</span> : <span class="wrap">{text}</span>;
}

/** As the file names it, in words; a band's settings with its stars. */
function fieldName(field: string): string {
  const band = /^band (\d+): (\w+)$/.exec(field);
  if (band) return `${t("stars.n", { n: band[1] ?? "" })} · ${named("schemes.set", band[2] ?? "")}`;
  return named("schemes.set", field);
}
