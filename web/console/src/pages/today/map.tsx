// Where the day's stops are, as far as it is known: a map without tiles, since a head office may have no network, and the
// same as a table.

import { useEffect, useRef, useState } from "preact/hooks";
import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import { effect } from "@preact/signals";
import { t, theme } from "../../state/lang.ts";
import { link } from "../../state/route.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Table } from "../../ui/table.tsx";
import type { Board, Manager, Stop } from "./board.ts";

export type Mark = "effective" | "visited" | "missed" | "open" | "unknown";

/** A stop that nothing is known of is unknown where its manager has not synced, and open where everything is here. */
export function markOf(manager: Manager, stop: Stop): Mark {
  return stop.state === "open" && (manager.state === "silent" || manager.state === "stale") ? "unknown" : stop.state;
}

interface Dot {
  manager: Manager;
  stop: Stop;
  mark: Mark;
  route: string;
}

export function dotsOf(managers: readonly Manager[]): Dot[] {
  return managers.flatMap((manager) =>
    manager.routes.flatMap((route) => route.stops.map((stop) => ({ manager, stop, mark: markOf(manager, stop), route: route.name }))));
}

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function style(mark: Mark): L.CircleMarkerOptions {
  switch (mark) {
    case "effective":
      return { color: token("--surface"), weight: 1, fillColor: token("--accent"), fillOpacity: 1 };
    case "visited":
      return { color: token("--accent"), weight: 3, fillColor: token("--surface"), fillOpacity: 1 };
    case "missed":
      return { color: token("--refused"), weight: 2, fillColor: token("--surface"), fillOpacity: 1 };
    case "unknown":
      return { color: token("--unknown"), weight: 2, dashArray: "2 3", fillColor: token("--unknown-soft"), fillOpacity: 1 };
    case "open":
      return { color: token("--ink-2"), weight: 2, fillColor: token("--surface"), fillOpacity: 1 };
  }
}

/** Names are written on the map where there is room for them. */
const NAMED = 14;

function useMap(managers: readonly Manager[], on?: (dot: Dot) => void) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<{ leaflet: L.Map; dots: L.LayerGroup; names: L.LayerGroup; drawn: Map<string, { circle: L.CircleMarker; mark: Mark }>; fitted: boolean }>(null);
  useEffect(() => {
    if (!box.current) return;
    const leaflet = L.map(box.current, { preferCanvas: true, attributionControl: false, zoomControl: false, fadeAnimation: false, zoomAnimation: false });
    leaflet.setView([0, 0], 2);
    L.control.zoom({ position: "bottomright" }).addTo(leaflet);
    map.current = { leaflet, dots: L.layerGroup().addTo(leaflet), names: L.layerGroup().addTo(leaflet), drawn: new Map(), fitted: false };
    const observer = new ResizeObserver(() => leaflet.invalidateSize({ animate: false }));
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      leaflet.remove();
      map.current = null;
    };
  }, []);
  useEffect(() => effect(() => {
    // Colours are the theme's: drawn again when it changes.
    void theme.value;
    map.current?.drawn.forEach(({ circle, mark }) => circle.setStyle(style(mark)));
  }), []);
  useEffect(() => {
    const current = map.current;
    if (!current) return;
    const placed = dotsOf(managers).filter((dot) => dot.stop.lat_e6 != null && dot.stop.lon_e6 != null);
    const at = (dot: Dot) => L.latLng((dot.stop.lat_e6 ?? 0) / 1e6, (dot.stop.lon_e6 ?? 0) / 1e6);
    const seen = new Set<string>();
    for (const dot of placed) {
      const key = `${dot.manager.person_id}/${dot.stop.retailer_id}`;
      seen.add(key);
      const known = current.drawn.get(key);
      if (known) {
        if (known.mark !== dot.mark) known.circle.setStyle(style((known.mark = dot.mark)));
        continue;
      }
      const circle = L.circleMarker(at(dot), { ...style(dot.mark), radius: 4.5 }).addTo(current.dots);
      circle.bindTooltip(() => `${dot.stop.name} · ${dot.manager.name}`);
      if (on) circle.on("click", () => on(dot));
      current.drawn.set(key, { circle, mark: dot.mark });
    }
    for (const [key, { circle }] of current.drawn) if (!seen.has(key)) {
      circle.remove();
      current.drawn.delete(key);
    }
    name(current.names, managers, placed, at);
    if (!current.fitted && placed.length > 0) {
      current.fitted = true;
      current.leaflet.fitBounds(L.latLngBounds(placed.map(at)), { padding: [26, 26], animate: false });
    }
  }, [managers]);
  return box;
}

function name(layer: L.LayerGroup, managers: readonly Manager[], placed: readonly Dot[], at: (dot: Dot) => L.LatLng) {
  layer.clearLayers();
  if (managers.length > NAMED) return;
  for (const manager of managers) {
    for (const route of manager.routes) {
      const own = placed.filter((dot) => dot.manager === manager && dot.route === route.name);
      const top = own.reduce<Dot | undefined>((top, dot) => (!top || (dot.stop.lat_e6 ?? 0) > (top.stop.lat_e6 ?? 0) ? dot : top), undefined);
      if (!top) continue;
      const label = document.createElement("span");
      label.textContent = managers.length === 1 ? route.name : manager.name;
      L.marker(at(top), { icon: L.divIcon({ className: "maplabel", html: label, iconSize: [80, 16], iconAnchor: [40, 22] }), interactive: false, keyboard: false }).addTo(layer);
    }
  }
}

const LEGEND: readonly [Mark, "stop.effective" | "stop.open" | "stop.unknown"][] = [["effective", "stop.effective"], ["open", "stop.open"], ["unknown", "stop.unknown"]];

export function StopMap({ board, only }: { board: Board; only?: string }) {
  const managers = only ? board.managers.filter((manager) => manager.person_id === only) : board.managers;
  const box = useMap(managers, (dot) => {
    location.hash = dot.stop.visit ? link("today", board.date, "visit", routeOf(dot), dot.stop.visit) : link("today", board.date, dot.manager.person_id);
  });
  const [table, setTable] = useState(false);
  const dots = dotsOf(managers);
  const counted = (mark: Mark) => dots.filter((dot) => dot.mark === mark || (mark === "open" && dot.mark === "missed") || (mark === "open" && dot.mark === "visited")).length;
  return (
    <section class="card mapcard" aria-label={t("today.map")}>
      <div ref={box} class="dmap" role="application" aria-label={t("today.map")} />
      <p class="leg row">
        {LEGEND.map(([mark, text]) => <span key={mark} class="leg"><i class={`dot dot--${mark}`} />{t(text)} {counted(mark)}</span>)}
        <button class="link" onClick={() => setTable(true)}>{t("today.stops")}</button>
      </p>
      {table && (
        <Dialog title={t("today.stops")} onClose={() => setTable(false)}>
          <Table
            label={t("today.stops")}
            rows={dots.slice(0, 2000)}
            id={(dot) => `${dot.manager.person_id}/${dot.route}/${dot.stop.retailer_id}`}
            columns={[
              { key: "name", head: t("col.name"), cell: (dot) => dot.manager.name, by: (dot) => dot.manager.name },
              { key: "route", head: t("col.route"), cell: (dot) => dot.route, by: (dot) => dot.route },
              { key: "shop", head: t("col.shop"), cell: (dot) => dot.stop.name, by: (dot) => dot.stop.name },
              { key: "state", head: t("col.state"), cell: (dot) => t(`stop.${dot.mark}`), by: (dot) => dot.mark },
            ]}
          />
        </Dialog>
      )}
    </section>
  );
}

function routeOf(dot: Dot): string {
  return dot.manager.routes.find((route) => route.name === dot.route && route.stops.includes(dot.stop))?.route_id ?? "";
}
