// Money as exact decimals: texts in, texts out.

import { grouped } from "@roundsman/ui/format";

/** Sums `price × n`, as `["3,330", ".22"]`, with as many places as the prices have, at least two. */
export function valueOf(lines: Iterable<readonly [price: string | null, n: number]>): [whole: string, places: string] {
  const priced = [...lines].filter((line): line is readonly [string, number] => line[0] !== null && line[1] !== 0);
  const places = Math.max(2, ...priced.map(([price]) => (price.split(".")[1] ?? "").length));
  let sum = 0n;
  for (const [price, n] of priced) {
    const [whole = "0", fraction = ""] = price.split(".");
    sum += BigInt(whole + fraction.padEnd(places, "0")) * BigInt(n);
  }
  const digits = sum.toString().padStart(places + 1, "0");
  return [grouped(digits.slice(0, -places)), `.${digits.slice(-places)}`];
}

const SIGNS: Record<string, string> = { CNY: "¥", JPY: "¥", EUR: "€", USD: "$", GBP: "£" };

export function currencySign(code: string): string {
  return SIGNS[code] ?? `${code} `;
}
