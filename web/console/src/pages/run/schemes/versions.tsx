// Every version that was imported, read for people, and its file as it is.

import { t, titled, type TextKey } from "../../../state/lang.ts";
import { Chip, FlagChips } from "../../../ui/bits.tsx";
import type { Version } from "./schemes.tsx";

export function Versions({ versions }: { versions: Version[] }) {
  return <>{versions.map((row) => <One key={row.hash} row={row} />)}</>;
}

function titleOf(scheme: NonNullable<Version["scheme"]>, indicator: string): string {
  const view = scheme.indicators.find((view) => view.id === indicator);
  return view ? titled(view.title) : indicator;
}

function One({ row }: { row: Version }) {
  const scheme = row.scheme;
  return (
    <section class="card scheme">
      <div class="row sech"><h2 class="grow">{scheme ? titled(scheme.title) : row.hash.slice(0, 12)} <small class="muted"><code>{scheme?.id}</code> · {t("schemes.version")} <code>{row.hash.slice(0, 12)}</code></small></h2>
        {row.in_force && <Chip kind="safe" icon="check">{t("schemes.inforce")}</Chip>}
        {scheme && <span class="small muted">{t("schemes.valid")} {scheme.valid_from ?? t("schemes.always")}</span>}</div>
      {scheme && (
        <>
          <p class="chips inset">
            {scheme.gate && <Chip kind="plain" icon="gate">{t("schemes.gate")}: {titleOf(scheme, scheme.gate.indicator)} &lt; {scheme.gate.below}, {t(`schemes.gate.${scheme.gate.effect as "no_points"}`)}</Chip>}
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
      <details class="inset"><summary>{t("schemes.text")}</summary><pre class="file" tabIndex={0}>{row.text}</pre></details>
    </section>
  );
}
