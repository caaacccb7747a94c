// `cargo xtask screens FOLDER`: a picture of each screen in both languages, 360 × 760.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Office, Phone, quit } from "./harness.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const office = await Office.open();

async function pictures(lang, locale) {
  const phone = await Phone.make(office, { locale });
  const { page } = phone;
  const take = async (name) => {
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(folder, `${lang}-${name}.png`), animations: "disabled", caret: "hide" });
  };
  const open = async (screen, waitFor) => {
    await phone.to(screen);
    await page.locator(waitFor).first().waitFor();
  };
  await page.goto(`${office.url}/app/#enrol=${office.code()}`);
  await page.locator("button[type=submit]").waitFor();
  await take("01-enrol");
  await page.locator("button[type=submit]").tap();
  await page.locator("nav.tabs").waitFor();
  await page.locator(".mapbox .pinno").first().waitFor();
  await phone.context.route("**/v1/sync", (route) => route.abort());
  await phone.visit(["5", "12", "0"]);
  await page.locator(".mapbox .pinno").first().waitFor();
  await take("02-today");
  await page.locator(".list .stop:not(.stop--local)").first().tap();
  await page.locator(".seg--wrap").waitFor();
  await take("03-stop");
  await open("today", ".next");
  await phone.checkIn();
  await phone.later(2);
  await take("04-visit");
  await phone.step("count");
  for (const count of ["4", "18", "0", "7"]) {
    for (const digit of count) await phone.key(digit);
    await phone.next();
  }
  await phone.key("1");
  await take("05-count");
  await phone.back();
  await phone.step("order");
  await page.locator(".order").first().waitFor();
  await take("06-order");
  await page.locator(".foot .btn").first().tap();
  await phone.step("talk");
  await page.locator(".check .btn").first().tap();
  await page.locator(".check .btn[aria-pressed=true]").first().waitFor();
  await take("07-talk");
  await phone.back();
  await page.locator(".hubstep").first().waitFor();
  await take("08-visit-done");
  await open("score", ".ind");
  await take("09-score");
  await page.locator(".ind").nth(1).tap();
  await page.locator(".step").first().waitFor();
  await take("10-receipt");
  await open("score", ".ind");
  await page.locator("a[href$=what-if]").tap();
  await page.locator(".slider").first().fill("120");
  await page.locator(".small .frac").first().waitFor();
  await take("11-what-if");
  await open("sync", ".syncbig");
  await take("12-sync");
  await open("shops", ".stop");
  await take("13-shops");
  await page.locator(".stop").nth(1).tap();
  await page.locator(".chart").first().waitFor();
  await take("14-shop");
  await open("week", "textarea");
  await take("15-week");
  await open("settings", ".seg");
  await take("16-settings");
  for (const [at, theme] of [[1, "dark"], [2, "sun"]]) {
    await open("settings", ".seg");
    await page.locator(".seg").nth(1).locator(".btn").nth(at).tap();
    await open("today", ".next");
    await page.locator(".mapbox .pinno").first().waitFor();
    await take(`17-today-${theme}`);
  }
  await phone.close();
}

try {
  await pictures("zh", "zh-CN");
  await pictures("en", "en");
} finally {
  await quit();
  await office.close();
}
process.exit(0);
