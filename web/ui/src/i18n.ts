// Two languages, switched at once. A table holds each text in both; a text may take values as `{n}`.

export type Lang = "zh" | "en";

/** A text in both languages: `[简体中文, English]`. */
export type Text = readonly [zh: string, en: string];
export type Texts = Readonly<Record<string, Text>>;
export type Values = Readonly<Record<string, string | number>>;

export const LANG_TAG: Readonly<Record<Lang, string>> = { zh: "zh-CN", en: "en" };

/** The language to begin with: the one chosen last, else the browser's, else Chinese. */
export function firstLang(kept: string | null, browser: readonly string[]): Lang {
  if (kept === "zh" || kept === "en") return kept;
  const known = browser.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "zh" || tag === "en");
  return known === "en" ? "en" : "zh";
}

/** Puts values into a text. An unknown name stays as it is, so that it is seen. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The texts of a table in one language; a key that the table lacks is refused by the compiler. */
export function translator<T extends Texts>(texts: T, lang: () => Lang) {
  return (key: keyof T & string, values?: Values): string => {
    const text = texts[key];
    return text ? fill(text[lang() === "zh" ? 0 : 1], values) : key;
  };
}
