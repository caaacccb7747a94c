// The stops on a map that needs no tiles: places, the way between them, and where the phone is. It only shows, so that no
// finger on the list is caught by it; so it is a picture, and no library of maps travels with the app.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import type { DayStop, Position } from "../core/types.ts";
import { t } from "../state.ts";
import { fix } from "./position.ts";
import { picture, type Picture } from "./projection.ts";

export function StopsMap({ stops, next }: { stops: DayStop[]; next: DayStop | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const places = stops.flatMap((stop) => (stop.position ? [{ stop, position: stop.position }] : []));
  const any = places.length > 0;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [any]);
  if (!any) return null;
  const here = fix.value;
  const view = size && picture(places.map(({ position }) => position), here, size);
  return (
    <div class="mapbox" role="img" aria-label={t("today.map")} ref={box}>
      {view && (
        <svg width={size.width} height={size.height} aria-hidden="true">
          <Way view={view} places={places.filter(({ stop }) => stop.visits.length > 0)} done />
          <Way view={view} places={places.filter(({ stop }) => stop.visits.length === 0)} />
          {here && <Here view={view} at={here} radius={here.accuracy_m * view.pixelsPerMetre} />}
          {places.filter(({ stop }) => stop !== next).map((place) => <Pin key={place.stop.retailer} view={view} {...place} />)}
          {places.filter(({ stop }) => stop === next).map((place) => <Pin key={place.stop.retailer} view={view} {...place} next />)}
        </svg>
      )}
      <span class="maplab"><Icon name="pin" size="s" />{t("today.offline")}{here ? ` · ±${here.accuracy_m} m` : ""}</span>
    </div>
  );
}

function Way({ view, places, done }: { view: Picture; places: { position: Position }[]; done?: boolean }) {
  const points = places.map(({ position }) => view.at(position).join()).join(" ");
  return <polyline class={done ? "way" : "way way--ahead"} points={points} />;
}

function Here({ view, at, radius }: { view: Picture; at: Position; radius: number }) {
  const [x, y] = view.at(at);
  return <g class="here" transform={`translate(${x} ${y})`}><circle r={radius} opacity="0.18" /><circle class="here__dot" r="6" /></g>;
}

function Pin({ view, stop, position, next }: { view: Picture; stop: DayStop; position: Position; next?: boolean }) {
  const [x, y] = view.at(position);
  const how = next ? "next" : stop.visits.length > 0 ? "done" : "open";
  return (
    <g class={`pinno pinno--${how}`} transform={`translate(${x} ${y})`}>
      <circle r={next ? 13 : 10} /><text dy="0.36em">{stop.sequence ?? ""}</text>
    </g>
  );
}
