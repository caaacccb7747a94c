// The stops on a map that needs no tiles: places, the way between them, and where the phone is. Loaded after the list, so that
// the list never waits for it.

import { useEffect, useRef } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import type { DayStop } from "../core/types.ts";
import { t } from "../state.ts";
import { fix } from "./position.ts";

export function StopsMap({ stops, next }: { stops: DayStop[]; next: DayStop | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  const here = fix.value;
  const placed = stops.filter((stop) => stop.position !== null);
  const key = placed.map((stop) => `${stop.retailer}${stop.visits.length}`).join() + (next?.retailer ?? "");
  useEffect(() => {
    const element = box.current;
    if (!element || placed.length === 0) return undefined;
    let gone = false;
    let remove = () => undefined as void;
    void import("./mapview.ts").then(({ draw }) => {
      if (!gone) remove = draw(element, placed, next, here);
    });
    return () => {
      gone = true;
      remove();
    };
  }, [key, here?.lat_e6, here?.lon_e6]);
  if (placed.length === 0) return null;
  return (
    <div class="mapbox" role="img" aria-label={t("today.map")}>
      <div ref={box} style={{ height: "100%" }} aria-hidden="true" />
      <span class="maplab"><Icon name="pin" size="s" />{t("today.offline")}{here ? ` · ±${here.accuracy_m} m` : ""}</span>
    </div>
  );
}
