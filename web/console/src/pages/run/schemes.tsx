// The schemes: every version that was imported, read for people, and its file as it is.

import { get, type Schemas } from "../../api/client.ts";
import { t, titled, type TextKey } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { Chip, FlagChips } from "../../ui/bits.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";

type Row = Schemas["SchemeRow"];

export function SchemesPage() {
  const schemes = useLoad("schemes", (signal) => get<Row[]>("/v1/schemes", {}, signal));
  return (
    <Loads of={schemes}>
      {(schemes) => schemes.length === 0 ? <StateBox icon="score" head={t("schemes.none")} why={t("scores.noscheme.why")} /> : <>{schemes.map((row) => <One key={row.hash} row={row} />)}</>}
    </Loads>
  );
}

function One({ row }: { row: Row }) {
  const scheme = row.scheme;
  return (
    <section class="card scheme">
      <div class="row sech"><h2 class="grow">{scheme ? titled(scheme.title) : row.hash.slice(0, 12)} <small class="muted"><code>{scheme?.id}</code> · {t("schemes.version")} <code>{row.hash.slice(0, 12)}</code></small></h2>
        {scheme && <span class="small muted">{t("schemes.valid")} {scheme.valid_from ?? t("schemes.always")}</span>}</div>
      {scheme && (
        <>
          <p class="chips pad">
            {scheme.gate && <Chip kind="plain" icon="gate">{t("schemes.gate")}: {scheme.gate.indicator} &lt; {scheme.gate.below}</Chip>}
            <Chip kind="plain" icon="clock">≥ {scheme.min_dwell_s} s</Chip><Chip kind="plain" icon="pin">≤ {scheme.geofence_m} m</Chip>
            <FlagChips flags={scheme.exclude} />
            {scheme.bands.map((band) => <Chip key={band.stars} kind="plain" icon="star">{t("stars.n", { n: band.stars })}: {t("schemes.places", { n: band.places })}, {band.monthly_pay ?? t("stars.unset")}</Chip>)}
          </p>
          <table class="t tight">
            <thead><tr><th scope="col">{t("schemes.indicators")}</th><td /><th scope="col" class="r">{t("schemes.weight")}</th><th scope="col" class="r">{t("schemes.cap")}</th><th scope="col">{t("schemes.source")}</th></tr></thead>
            <tbody>
              {scheme.indicators.map((view) => (
                <tr key={view.id}><td><b>{titled(view.title)}</b> <code class="small muted">{view.id}</code></td><td class="muted">{t(`scores.class.${view.class}` as TextKey)}</td>
                  <td class="r">{view.weight ?? "–"}</td><td class="r">{view.cap ?? "–"}</td><td>{view.source === "assumed" ? <Chip kind="flag">{t("schemes.source.assumed")}</Chip> : t("schemes.source.stated")}</td></tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <details class="pad"><summary>{t("schemes.text")}</summary><pre class="file" tabIndex={0}>{row.text}</pre></details>
    </section>
  );
}
