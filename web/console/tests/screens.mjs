// Pictures of every page, in both languages, for docs/console.

import { mkdirSync } from "node:fs";
import { browse, open, signedIn, stage, withTeams } from "./stage.mjs";

const OUT = new URL("../../../docs/console/", import.meta.url);
const PAGES = [
  ["today", "today"], ["day", "today/2026-08-24/m02"], ["scores", "scores/2026-08/m08/structure"], ["stars", "scores/stars/2026Q3"],
  ["disputes", "scores/2026-07/disputes"], ["report", "scores/report/2026-08"], ["quotas", "orders/quotas"], ["shops", "shops"], ["mix", "shops/class"], ["segments", "shops/segments"], ["width", "shops/width"],
  ["cascade", "targets"], ["transfers", "targets/transfers"], ["goals", "targets/goals"], ["rollup", "targets/rollup"], ["import", "run/import"], ["people", "run/people"],
  ["devices", "run/devices"], ["assignments", "run/assignments"], ["calendar", "run/calendar"], ["schemes", "run/schemes"], ["quarantine", "run/quarantine"],
  ["audit", "run/audit"], ["backups", "run/backups"], ["export", "export"],
];

mkdirSync(OUT, { recursive: true });
const district = await stage("monday", "2026-08-03");
const browser = await browse();
const { page: admin, context: theirs } = await signedIn(browser, district, "a01");
await withTeams(admin);
await admin.evaluate(async () => {
  const post = (path, body) => fetch(path, { method: "POST", headers: { "content-type": "application/json", "x-roundsman-console": "1" }, body: JSON.stringify(body) });
  await post("/v1/transfers", { id: "x-1", from: "m03", to: "m04", month: "2026-08", indicator: "sales", amount: "200", reason: "三堡线调整" });
  for (const [person, id, title, measure, target] of [["m02", "g-1", "细支多卖", "slim", "2000"], ["m05", "g-2", "每站都到", "visit_completion", "95%"]]) {
    await post(`/v1/documents/goals/${person}/2026Q3/actions`, { action: "put_goal", id, title, measure, target });
  }
  await post("/v1/documents/goals/m02/2026Q3/actions", { action: "agree_goal", id: "g-1", as_manager: false, at_ms: Date.parse("2026-08-24T02:31:00Z") });
});
await theirs.close();
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
  await open(inside, district, "orders");
  await inside.locator("tbody tr", { has: inside.locator(".chip--flag") }).first().locator("a").click();
  await inside.waitForSelector(".planlines");
  await shoot(inside, "orders", lang);
  for (const part of ["compare", "replay"]) {
    await open(inside, district, `run/schemes/${part}`);
    const choice = inside.locator(".choice").last();
    await choice.locator("summary").click();
    const text = choice.locator("textarea");
    await text.fill((await text.inputValue()).replace('below = "0.80"', 'below = "0.95"').replace('weight = "15"', 'weight = "12"'));
    await choice.locator("button").last().click();
    if (part === "replay") await inside.locator(".schemetry > .btn--primary").click();
    await inside.waitForSelector("tbody tr");
    if (part === "replay") await inside.locator("tbody button").first().click();
    await shoot(inside, part, lang);
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
