// Numbers and dates as people read them. What pay depends on arrives as text and is never made a floating-point number.

import type { Lang } from "./i18n.ts";

/** A decimal in two parts, as `["1,234", ".5000"]`; the second is empty for a whole number. */
export function decimalParts(decimal: string): [whole: string, fraction: string] {
  const [whole = "", fraction] = decimal.split(".");
  return [grouped(whole), fraction === undefined ? "" : `.${fraction}`];
}

/** Thousands apart: `12345` → `12,345`. */
export function grouped(whole: string | number | bigint): string {
  return String(whole).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

const WEEKDAYS = { zh: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"], en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_LONG = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** `2026-08-24` → `8月24日` or `24 Aug`. */
export function day(date: string, lang: Lang): string {
  const [, month, dayOfMonth] = date.split("-").map(Number);
  return lang === "zh" ? `${month}月${dayOfMonth}日` : `${dayOfMonth} ${MONTHS[(month ?? 1) - 1]}`;
}

/** `8月24日 周一` or `Mon 24 Aug`. */
export function dayWithWeekday(date: string, lang: Lang): string {
  const weekday = WEEKDAYS[lang][new Date(`${date}T00:00:00Z`).getUTCDay()];
  return lang === "zh" ? `${day(date, lang)} ${weekday}` : `${weekday} ${day(date, lang)}`;
}

/** `2026-08` → `8月` or `August`. */
export function monthName(month: string, lang: Lang): string {
  const number = Number(month.slice(5, 7));
  return lang === "zh" ? `${number}月` : (MONTHS_LONG[number - 1] ?? month);
}

/** The local date and time of a moment in a zone: `["2026-08-24", "17:32"]`. */
export function local(ms: number, zone: string): [date: string, time: string] {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(ms);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
  return [`${part("year")}-${part("month")}-${part("day")}`, `${part("hour")}:${part("minute")}`];
}

/** When something was, as people say it: the time alone if it was today. */
export function moment(ms: number, zone: string, today: string, lang: Lang): string {
  const [date, time] = local(ms, zone);
  if (date === today) return time;
  return lang === "zh" ? `${dayWithWeekday(date, lang)} ${time}` : `${dayWithWeekday(date, lang)}, ${time}`;
}

/** Whole days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** A date so many days later. */
export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
