// Shops as points: how wide they are against what is chosen below, each cluster with a colour and a shape of its own.

import { FEATURES, type FittedShop, type QuarterFit } from "../../api/width.ts";
import { t } from "../../state/lang.ts";

export const AXES = ["predicted", ...FEATURES.filter((feature) => feature !== "town")] as const;
export type Axis = (typeof AXES)[number];

const [W, H, LEFT, BOTTOM, TOP, RIGHT] = [600, 420, 44, 44, 12, 14];

/** Round steps, about six of them, that hold the greatest value. */
function ticks(most: number): number[] {
  const rough = Math.max(most, 1e-9) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, n) => Number((n * step).toPrecision(6)));
}

/** Outlines around 0, 0: they differ without colour, too. */
const SHAPES = ["M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "M-2.7-2.7h5.4v5.4h-5.4z", "M0-3.6l3.4 6h-6.8z", "M0-3.8l3.8 3.8l-3.8 3.8l-3.8-3.8z", "M-3-1h2v-2h2v2h2v2h-2v2h-2v-2h-2z", "M0 3.6l3.4-6h-6.8z"];

export function Mark({ cluster }: { cluster: number }) {
  return <svg class={`mark c${(cluster - 1) % SHAPES.length}`} viewBox="-5 -5 10 10" width="14" height="14" aria-hidden="true"><path d={SHAPES[(cluster - 1) % SHAPES.length]} /></svg>;
}

export function Scatter({ fit, axis }: { fit: QuarterFit; axis: Axis }) {
  const value = (shop: FittedShop) => shop[axis];
  const xs = ticks(Math.max(...fit.shops.map(value)));
  const ys = ticks(Math.max(...fit.shops.map((shop) => shop.width), ...(axis === "predicted" ? fit.shops.map(value) : [])));
  const [right, top] = [xs[xs.length - 1] ?? 1, ys[ys.length - 1] ?? 1];
  const x = (of: number) => LEFT + (of / right) * (W - LEFT - RIGHT);
  const y = (of: number) => H - BOTTOM - (of / top) * (H - BOTTOM - TOP);
  const end = Math.min(right, top);
  return (
    <svg class="scatter" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={t("width.plot", { n: fit.shops.length, x: t(`width.axis.${axis}`) })}>
      {ys.map((tick) => <g key={tick}><line class="grid" x1={LEFT} x2={W - RIGHT} y1={y(tick)} y2={y(tick)} /><text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{tick}</text></g>)}
      {xs.map((tick) => <text key={tick} x={x(tick)} y={H - BOTTOM + 18} text-anchor="middle">{tick}</text>)}
      <line class="axis" x1={LEFT} x2={W - RIGHT} y1={y(0)} y2={y(0)} /><line class="axis" x1={LEFT} x2={LEFT} y1={TOP} y2={y(0)} />
      {fit.clusters.map(({ cluster }) => (
        <g key={cluster} class={`mark c${(cluster - 1) % SHAPES.length}`}>
          {fit.shops.filter((shop) => shop.cluster === cluster).map((shop) => <path key={shop.retailer_id} transform={`translate(${x(value(shop)).toFixed(1)} ${y(shop.width).toFixed(1)})`} d={SHAPES[(cluster - 1) % SHAPES.length]} />)}
        </g>
      ))}
      {axis === "predicted" && <line class="equal" x1={x(0)} y1={y(0)} x2={x(end)} y2={y(end)} />}
      <text class="what" x={(LEFT + W - RIGHT) / 2} y={H - 6} text-anchor="middle">{t(`width.axis.${axis}`)}</text>
      <text class="what" x={-(H - BOTTOM + TOP) / 2} y={12} text-anchor="middle" transform="rotate(-90)">{t("width.actual")}</text>
    </svg>
  );
}
