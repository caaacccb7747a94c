// Small things that are the same everywhere.

import { decimalParts, grouped, local, moment } from "@roundsman/ui/format";
import { Icon, type IconName } from "@roundsman/ui/icons";
import { lang, named, t } from "../state/lang.ts";
import { me } from "../state/session.ts";
import { now } from "../state/clock.ts";

/** When something was: the time alone if it was today in the district. */
export function when(ms: number): string {
  const zone = me().timezone;
  return moment(ms, zone, local(now.value, zone)[0], lang.value);
}

/** Hours, minutes, seconds in the district. */
export function clockOf(ms: number, seconds = false): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: me().timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(seconds ? { second: "2-digit" } : {}),
  });
  return format.format(ms);
}

/** How long, in words. */
export function lasting(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return t("unit.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("unit.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
  return t("unit.days", { n: Math.floor(minutes / 1440) });
}

/** A decimal with its thousands apart. */
export function decimal(text: string): string {
  return decimalParts(text).join("");
}

/** Money with two places, as it is paid; more places if it has them. */
export function money(text: string): string {
  const [whole, fraction] = decimalParts(text);
  return `${whole}${fraction.length > 2 ? fraction : `${fraction || "."}00`.slice(0, 3)}`;
}

export function FlagChips({ flags }: { flags: Readonly<Record<string, number>> | readonly string[] }) {
  const entries: [string, number][] = Array.isArray(flags) ? flags.map((flag: string) => [flag, 0]) : Object.entries(flags);
  if (entries.length === 0) return <span class="dim">–</span>;
  return (
    <span class="chips">
      {entries.map(([flag, count]) => (
        <span key={flag} class="chip chip--flag">
          <Icon name={flag === "conflict" ? "talk" : "refused"} />{named("flag", flag)}{count > 0 ? ` ${count}` : ""}
        </span>
      ))}
    </span>
  );
}

export function Chip({ kind, icon, children }: { kind: "safe" | "flag" | "out" | "plain" | "todo"; icon?: IconName; children: preact.ComponentChildren }) {
  return <span class={`chip chip--${kind}`}>{icon && <Icon name={icon} />}{children}</span>;
}

/** What is known, what is not, of a plan. */
export function RangeBar({ known, most, of, big }: { known: number; most: number; of: number; big?: boolean }) {
  const share = (n: number) => `${of > 0 ? Math.min(100, (100 * n) / of) : 0}%`;
  return (
    <span class={big ? "vbig" : "vb"} aria-hidden="true">
      <i style={{ width: share(known) }} />
      {most > known && <i class="unk" style={{ left: share(known), width: share(most - known) }} />}
    </span>
  );
}

/** `33–55`, read "33 to 55". */
export function range(known: number, most: number): string {
  return most > known ? `${grouped(known)}–${grouped(most)}` : grouped(known);
}

export function Stars({ count, of = 3 }: { count: number; of?: number }) {
  return (
    <span class="stars" role="img" aria-label={t("stars.n", { n: count })}>
      {Array.from({ length: of }, (_, n) => (
        <svg key={n} viewBox="0 0 24 24" class={n < count ? "st on" : "st"} aria-hidden="true">
          <path d="M12 3.6l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z" />
        </svg>
      ))}
    </span>
  );
}

/** A difference with its sign: more is good and less is not, or (`bad`) neither is. */
export function Signed({ value, bad }: { value: string; bad?: boolean }) {
  const digits = decimal(value.replace("-", ""));
  if (!/[1-9]/.test(digits)) return <span class="muted">±0</span>;
  return value.startsWith("-") ? <span class="neg">−{digits}</span> : <span class={bad ? "neg" : "pos"}>+{digits}</span>;
}

/** What is given or taken, in words: `+0.25 points`. */
export function pointsGiven(points: string): string {
  return t("disputes.points", { n: points.startsWith("-") ? points.replace("-", "−") : `+${points}` });
}

/** Points: whole large, the four places small. */
export function Points({ value, size = "num" }: { value: string; size?: "num" | "hero" }) {
  const [whole, fraction] = decimalParts(value.replace("-", "−"));
  return <span class={`n n--${size}`}>{whole}<span class="frac">{fraction}</span></span>;
}
