// Places as points of a picture: an equirectangular projection around their middle, exact enough over a route's few kilometres.

import type { Position } from "../core/types.ts";

const METRES_PER_DEGREE = 111_320;
/** Around the outermost pins. */
const MARGIN = 18;
/** At the foot, where the picture's label stands. */
const FOOT = 38;
/** Two shops door to door don't fill the picture. */
const METRES_MIN = 400;

export interface Picture {
  at(place: Position): [x: number, y: number];
  pixelsPerMetre: number;
}

/** Fits places into a picture. Where the phone is only belongs in it if it is near. */
export function picture(places: Position[], here: Position | undefined, { width, height }: { width: number; height: number }): Picture {
  const cos = Math.cos(((places[0]?.lat_e6 ?? 0) / 1e6) * (Math.PI / 180));
  const metres = ({ lat_e6, lon_e6 }: Position): [number, number] => [(lon_e6 / 1e6) * cos * METRES_PER_DEGREE, (-lat_e6 / 1e6) * METRES_PER_DEGREE];
  const bounds = (of: Position[]) => {
    const [xs, ys] = [of.map((place) => metres(place)[0]), of.map((place) => metres(place)[1])];
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  };
  let frame = bounds(places);
  if (here) {
    const [x, y] = metres(here);
    const [w, h] = [frame.right - frame.left, frame.bottom - frame.top];
    const near = x > frame.left - w && x < frame.right + w && y > frame.top - h && y < frame.bottom + h;
    if (near) frame = bounds([...places, here]);
  }
  const [w, h] = [Math.max(frame.right - frame.left, METRES_MIN), Math.max(frame.bottom - frame.top, METRES_MIN)];
  const pixelsPerMetre = Math.max(0.001, Math.min((width - 2 * MARGIN) / w, (height - MARGIN - FOOT) / h));
  const [middleX, middleY] = [(frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2];
  return {
    pixelsPerMetre,
    at(place) {
      const [x, y] = metres(place);
      return [width / 2 + (x - middleX) * pixelsPerMetre, (height + MARGIN - FOOT) / 2 + (y - middleY) * pixelsPerMetre];
    },
  };
}
