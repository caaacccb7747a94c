// Pictures of every page, in both languages, for docs/console.

import { mkdirSync } from "node:fs";
import { browse, open, signedIn, stage } from "./stage.mjs";

const OUT = new URL("../../../docs/console/", import.meta.url);
const PAGES = [
  ["today", "today"], ["day", "today/2026-08-24/m02"], ["scores", "scores/2026-08/m08/structure"], ["stars", "scores/stars/2026Q3"],
  ["disputes", "scores/2026-07/disputes"], ["report", "scores/report/2026-08"], ["shops", "shops"], ["import", "run/import"], ["people", "run/people"],
  ["devices", "run/devices"], ["assignments", "run/assignments"], ["calendar", "run/calendar"], ["schemes", "run/schemes"], ["quarantine", "run/quarantine"],
  ["audit", "run/audit"], ["backups", "run/backups"], ["export", "export"],
];

mkdirSync(OUT, { recursive: true });
const district = await stage("monday", "2026-08-03");
const browser = await browse();
const shoot = (page, name, lang) => page.screenshot({ path: new URL(`${name}-${lang}.png`, OUT).pathname, scale: "css" });
for (const lang of ["zh", "en"]) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 940 }, locale: lang === "zh" ? "zh-CN" : "en-GB" });
  const page = await context.newPage();
  await page.goto(`${district.url}/console/`);
  await page.waitForSelector("input[name=login]");
  await shoot(page, "sign-in", lang);
  await context.close();
  const { page: inside, context: own } = await signedIn(browser, district, "a01", { lang });
  for (const [name, where] of PAGES) {
    await open(inside, district, where);
    if (name === "today" || name === "day") await inside.waitForSelector(".livedot--live");
    await shoot(inside, name, lang);
  }
  await open(inside, district, "today/2026-08-04/m05");
  await inside.locator(".visitline", { hasText: lang === "zh" ? "两个数" : "Two values" }).first().click();
  await inside.waitForSelector(".conflict");
  await shoot(inside, "visit", lang);
  await own.close();
}
const tablet = await signedIn(browser, district, "s01", { viewport: { width: 1024, height: 1366 } });
await open(tablet.page, district, "today");
await tablet.page.waitForSelector(".livedot--live");
await shoot(tablet.page, "today-tablet", "zh");
await browser.close();
await district.end();
