// Where the phone is. A visit never waits for it: a fix that is there in time goes along, and none is no hindrance.

import { signal } from "@preact/signals";

export interface Fix { lat_e6: number; lon_e6: number; accuracy_m: number; at: number }

/** The latest fix; `undefined` while there is none. */
export const fix = signal<Fix | undefined>(undefined);
/** A fix older than this is not where the phone is now. */
const FRESH_MS = 30_000;
let watching: number | undefined;

/** Watches from the first screen on which it matters, so that a check-in finds a fix. */
export function watchPosition(): () => void {
  if (!("geolocation" in navigator)) return () => undefined;
  watching ??= navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      fix.value = {
        lat_e6: Math.round(coords.latitude * 1e6),
        lon_e6: Math.round(coords.longitude * 1e6),
        accuracy_m: Math.round(coords.accuracy),
        at: timestamp,
      };
    },
    () => {
      fix.value = undefined;
    },
    { enableHighAccuracy: true, maximumAge: 10_000, timeout: 20_000 },
  );
  return () => {
    if (watching !== undefined) navigator.geolocation.clearWatch(watching);
    watching = undefined;
  };
}

/** The fix that a check-in takes along now. */
export function freshFix(): { lat_e6: number; lon_e6: number; accuracy_m: number } | undefined {
  const here = fix.value;
  if (!here || Date.now() - here.at > FRESH_MS) return undefined;
  return { lat_e6: here.lat_e6, lon_e6: here.lon_e6, accuracy_m: here.accuracy_m };
}

/** Metres between two places, for showing only. */
export function metres(a: { lat_e6: number; lon_e6: number }, b: { lat_e6: number; lon_e6: number }): number {
  const [φ1, φ2] = [a.lat_e6, b.lat_e6].map((e6) => (e6 / 1e6) * (Math.PI / 180)) as [number, number];
  const Δ = ((b.lon_e6 - a.lon_e6) / 1e6) * (Math.PI / 180) * Math.cos((φ1 + φ2) / 2);
  return 6_371_000 * Math.hypot(φ2 - φ1, Δ);
}

export function distance(m: number): string {
  return m < 1000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(1)} km`;
}
