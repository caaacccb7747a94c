// Leaflet without tiles.

import { circle, circleMarker, divIcon, latLngBounds, map, marker, polyline, type LatLngTuple } from "leaflet";
import "leaflet/dist/leaflet.css";
import type { DayStop, Position } from "../core/types.ts";
import type { Fix } from "./position.ts";

const at = (place: Position): LatLngTuple => [place.lat_e6 / 1e6, place.lon_e6 / 1e6];

/** Draws the stops into a box; what is returned takes the map away again. */
export function draw(box: HTMLElement, stops: DayStop[], next: DayStop | undefined, here: Fix | undefined): () => void {
  // It only shows: no finger on the list may be caught by it.
  const view = map(box, {
    attributionControl: false, zoomControl: false, dragging: false, touchZoom: false, scrollWheelZoom: false, doubleClickZoom: false,
    boxZoom: false, keyboard: false, zoomSnap: 0, zoomAnimation: false, fadeAnimation: false,
  });
  const color = (name: string) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const places = stops.flatMap((stop) => (stop.position ? [{ stop, place: at(stop.position) }] : []));
  const done = places.filter(({ stop }) => stop.visits.length > 0).map(({ place }) => place);
  const ahead = places.filter(({ stop }) => stop.visits.length === 0).map(({ place }) => place);
  polyline(done, { color: color("--map-line"), weight: 2, opacity: 0.5 }).addTo(view);
  polyline(ahead, { color: color("--map-line"), weight: 1.6, opacity: 0.6, dashArray: "1 5" }).addTo(view);
  for (const { stop, place } of places) {
    const how = stop === next ? "next" : stop.visits.length > 0 ? "done" : "";
    const size = how === "next" ? 26 : 20;
    const icon = divIcon({ className: `pinno pinno--${how}`, html: String(stop.sequence ?? ""), iconSize: [size, size] });
    marker(place, { icon, interactive: false, keyboard: false, zIndexOffset: how === "next" ? 1000 : 0 }).addTo(view);
  }
  if (here) {
    circle(at(here), { radius: here.accuracy_m, stroke: false, fillColor: color("--sync"), fillOpacity: 0.18, interactive: false }).addTo(view);
    circleMarker(at(here), { radius: 6, color: color("--surface"), weight: 2, fillColor: color("--sync"), fillOpacity: 1, interactive: false }).addTo(view);
  }
  // Where the phone is only belongs in the picture if it is near.
  const all = latLngBounds(places.map(({ place }) => place));
  const withHere = here && all.pad(1).contains(at(here)) ? all.extend(at(here)) : all;
  view.fitBounds(withHere, { padding: [16, 16], maxZoom: 16 });
  return () => view.remove();
}
