// The language, and the theme: chosen once, kept by the browser.

import { effect, signal } from "@preact/signals";
import { LANG_TAG, firstLang, translator, type Lang } from "@roundsman/ui/i18n";
import { texts } from "../texts.ts";

export const lang = signal<Lang>(firstLang(localStorage.getItem("lang"), navigator.languages));
export const t = translator(texts, () => lang.value);
export type TextKey = Parameters<typeof t>[0];

/** A text whose key is only known at run time; the key itself where there is none. */
export function named(prefix: string, name: string): string {
  const key = `${prefix}.${name}`;
  return key in texts ? t(key as TextKey) : name;
}

/** Of a title in both languages, the one to show. */
export function titled(title: { zh: string; en: string }): string {
  return lang.value === "zh" ? title.zh : title.en;
}

export type Theme = "auto" | "light" | "dark";
const kept = localStorage.getItem("theme");
export const theme = signal<Theme>(kept === "light" || kept === "dark" ? kept : "auto");

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const prefersDark = signal(dark.matches);
dark.addEventListener("change", (event) => (prefersDark.value = event.matches));

effect(() => {
  document.documentElement.lang = LANG_TAG[lang.value];
  localStorage.setItem("lang", lang.value);
});
effect(() => {
  const dark = theme.value === "dark" || (theme.value === "auto" && prefersDark.value);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  localStorage.setItem("theme", theme.value);
});
