// A day in the field, and what may go wrong in it.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { Office, Phone, PERSON, quit } from "./harness.mjs";

describe("a day without signal", () => {
  let office;
  before(async () => {
    office = await Office.open();
  });
  // A test that broke off may have left it stopped.
  beforeEach(() => office.running());
  after(async () => {
    await quit();
    await office.close();
  });

  test("from a cold start with the server gone to a score that head office agrees with", async () => {
    // Without a position: the shops are where they are, and a visit counts all the same.
    const phone = await Phone.enrolled(office, { fix: false });
    await phone.installed();
    await office.stop();
    await phone.reopen();
    await phone.page.locator(".next").waitFor();

    await phone.visit();
    // The second shop gets an order and a talk, too.
    await phone.checkIn();
    await phone.step("order");
    await phone.page.locator(".order .stepper button").nth(1).tap();
    await phone.page.locator(".foot .btn").tap();
    await phone.page.locator(".hubstep.done").first().waitFor();
    await phone.step("talk");
    await phone.page.locator(".check .btn").first().tap();
    await phone.page.locator("textarea").fill("老板说岱岳好卖");
    await phone.page.locator(".foot .btn").tap();
    await phone.page.locator(".hubstep.done").nth(1).waitFor();
    await phone.later(4);
    await phone.checkOut();
    // The third is closed.
    await phone.page.locator(".next .pair a").first().tap();
    await phone.page.locator(".seg--wrap .btn").first().tap();
    assert.match(await phone.text(".ring"), /^2 ?\/12$/);
    await phone.page.locator(".stop--missed").waitFor();

    // 3 for the first visit, 5 for the second, 1 for the missed stop.
    assert.match(await phone.text(".sync"), /^9 /, "nine actions are on this phone only");
    await phone.to("score");
    await phone.page.locator(".scorehero").waitFor();
    const pending = await phone.text(".split > div:first-child .n");
    assert.match(pending, /^\+\d/, `the day's visits are points that wait: ${pending}`);

    await office.start();
    await phone.sync();
    const day = await phone.page.evaluate(() => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format());
    const scored = office.json("score", "--month", day.slice(0, 7), "--person", PERSON, "--as-of", day);
    const total = JSON.stringify(scored).match(/"total":"(-?\d+\.\d{4})"/)?.[1];
    await phone.to("score");
    await phone.page.locator(".scorehero").waitFor();
    assert.equal(await phone.text(".scorehero .n--hero"), total, "the phone's score is head office's");
    await phone.close();
  });

  test("a tab killed in mid-count goes on where it was", async () => {
    const phone = await Phone.enrolled(office);
    await phone.checkIn();
    await phone.step("count");
    await phone.key("7");
    await phone.next();
    await phone.key("1");
    await phone.key("3");
    await phone.page.locator(".count--active .stepper .n", { hasText: "13" }).waitFor();
    await phone.reopen();
    // A sync takes along what was done. What was begun is here alone, and is told.
    await phone.to("sync");
    await phone.page.locator(".syncbig--begun .n--hero", { hasText: /^1/ }).waitFor();
    await phone.page.locator("a.stop", { hasText: "盘点" }).waitFor();
    await phone.to("today");
    await phone.page.locator(".sync--begun", { hasText: "1 件没做完" }).waitFor();
    // One thing to do next: go on with the visit.
    await phone.page.locator(".next .btn--primary").tap();
    await phone.step("count");
    const numbers = phone.page.locator(".count .stepper .n");
    await numbers.first().waitFor();
    assert.deepEqual(await numbers.evaluateAll((all) => all.slice(0, 3).map((one) => one.textContent)), ["7", "13", "–"]);
    await phone.back();
    await phone.page.locator(".hubstep.done").first().waitFor();
    await phone.checkOut();
    await phone.sync();
    await phone.close();
  });

  test("what was taken back before the tab died stays taken back, and words that were erased leave nothing behind", async () => {
    const phone = await Phone.enrolled(office);
    const first = () => phone.page.locator(".count").first();
    await phone.to("shops");
    await phone.page.locator(".stop").nth(3).tap();
    await phone.page.locator("main .btn--wide").first().tap();
    await phone.step("count");
    await phone.key("7");
    await phone.back();
    await phone.page.locator(".hubstep.done").first().waitFor();
    await phone.step("count");
    await first().locator(".count__name").tap();
    await phone.page.locator(".pad [aria-label=删]").tap();
    await first().locator(".stepper .n", { hasText: "–" }).waitFor();
    await phone.reopen();
    await phone.to("sync");
    await phone.page.locator("a.stop", { hasText: "盘点" }).tap();
    await first().locator(".stepper .n", { hasText: "–" }).waitFor();
    await phone.back();
    await phone.page.locator(".hubstep").first().waitFor();
    await phone.to("week");
    await phone.page.locator("textarea").nth(1).fill("雨");
    await phone.page.locator("textarea").nth(1).fill("");
    await phone.to("sync");
    await phone.page.locator(".syncbig--local, .syncbig--safe").waitFor();
    await phone.close();
  });

  test("a visit that was left open overnight is told in the morning, and can be ended", async () => {
    const phone = await Phone.enrolled(office, { person: "m04" });
    await phone.to("shops");
    const shop = await phone.text(".stop .stop__name");
    await phone.page.locator(".stop").first().tap();
    await phone.page.locator("main .btn--wide").first().tap();
    await phone.page.locator(".hubstep").first().waitFor();
    await phone.to("today");
    await phone.later(24 * 60);
    await phone.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await phone.page.locator(".sync--begun a", { hasText: "看内容" }).tap();
    await phone.page.locator("a.stop", { hasText: new RegExp(`${shop}.*还没离店`) }).tap();
    await phone.page.locator(".foot .btn").tap();
    await phone.page.locator("nav.tabs").waitFor();
    await phone.to("sync");
    await phone.page.locator(".syncbig--safe").waitFor();
    await phone.close();
  });

  test("two phones of one person merge, each with the other's visit", async () => {
    const [one, two] = [await Phone.enrolled(office), await Phone.enrolled(office)];
    const done = async (phone) => Number((await phone.text(".ring")).split(/ ?\//)[0]);
    await one.to("today");
    const begun = await done(one);
    await one.visit(["3"]);
    const name = await two.text(".next .stop__name");
    // The second phone goes to the stop after that one.
    await two.page.locator(".list .stop:not(.stop--local):not(.stop--done)").first().tap();
    await two.page.locator(".next .btn--primary").tap();
    await two.page.locator(".hubstep").first().waitFor();
    await two.checkOut();
    await one.sync();
    await two.sync();
    await one.sync();
    for (const phone of [one, two]) {
      await phone.to("today");
      await phone.page.locator(".ring b", { hasText: new RegExp(`^${begun + 2}`) }).waitFor();
      await phone.page.locator(".stop--done", { hasText: name }).first().waitFor();
      await phone.close();
    }
  });

  test("what two phones set apart is shown with every value, also one that was taken back, and settled in one tap", async () => {
    const [one, two] = [await Phone.enrolled(office), await Phone.enrolled(office)];
    const first = (phone) => phone.page.locator(".count").first();
    const count = async (phone, key) => {
      await phone.step("count");
      await first(phone).locator(".count__name").tap();
      await phone.page.locator(`.pad .key${key}`).tap();
      await phone.back();
      await phone.page.locator(".hubstep").first().waitFor();
    };
    await one.checkIn();
    await count(one, ":nth-of-type(1)");
    const visit = new URL(one.page.url()).hash.slice(2);
    await one.sync();
    await two.sync();
    await one.to(visit);
    await count(one, "[aria-label=删]");
    await one.checkOut();
    await one.sync();
    await two.to(visit);
    await count(two, ".key--w >> text=没有了");
    await two.later(1);
    await two.checkOut();
    await two.sync();
    await two.to(visit);
    const [times, stock] = [two.page.locator(".conflict", { hasText: "签退时间" }), two.page.locator(".conflict", { hasText: "盘点" })];
    await times.waitFor();
    assert.equal(await times.getByText(/^\d\d:\d\d$/).count(), 2);
    assert.equal(await times.locator(".btn").count(), 0, "a time is shown, and not chosen");
    const item = stock.locator("h2", { hasText: /盘点 · \S/ });
    await item.waitFor();
    assert.doesNotMatch(await item.innerText(), /\d{8}/, "the SKU by its name");
    assert.deepEqual((await stock.locator(".btn").allInnerTexts()).sort(), ["0", "已删"]);
    await stock.locator(".btn", { hasText: "已删" }).tap();
    await stock.waitFor({ state: "detached" });
    await two.step("count");
    await first(two).locator(".stepper .n", { hasText: "–" }).waitFor();
    for (const phone of [one, two]) await phone.close();
  });

  test("a colleague's visit can be looked at, and not voided", async () => {
    const owner = await Phone.enrolled(office, { person: "m02" });
    const [, retailer, route] = (await owner.page.locator(".next .pair a").first().getAttribute("href")).split("/").slice(-3);
    const date = await owner.page.evaluate(() => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format());
    const rows = join(office.folder, "rows");
    mkdirSync(rows);
    writeFileSync(join(rows, "assignments.csv"), `route_id,person_id,kind,from,to\n${route},m03,substitute,${date},${date}\n`);
    office.run("import", rows);
    const colleague = await Phone.enrolled(office, { person: "m03" });
    await colleague.to(`stop/${retailer}/${route}`);
    await colleague.page.locator(".next .btn--primary").tap();
    await colleague.page.getByRole("button", { name: "误签到，作废" }).waitFor();
    const visit = new URL(colleague.page.url()).hash.slice(2);
    await colleague.checkOut();
    await colleague.sync();
    await owner.sync();
    await owner.to(visit);
    await owner.page.locator(".hubstep").first().waitFor();
    assert.equal(await owner.page.getByRole("button", { name: "误签到，作废" }).count(), 0);
    for (const phone of [owner, colleague]) await phone.close();
  });

  test("a shop's file leads back into the visit, and what is written in it is saved once, whole letters, whichever way it is left", async () => {
    const phone = await Phone.enrolled(office);
    await phone.page.locator(".next .pair a").nth(1).tap();
    const way = phone.page.locator("main .btn--wide").first();
    await way.filter({ hasText: "签到" }).tap();
    await phone.page.locator(".hubstep").first().waitFor();
    const visit = phone.page.url();
    await phone.page.locator(".appbar a").tap();
    await way.filter({ hasText: "继续拜访" }).tap();
    await phone.page.locator(".hubstep").first().waitFor();
    assert.equal(phone.page.url(), visit, "no second visit");

    await phone.page.locator(".appbar a").tap();
    await phone.page.getByRole("button", { name: "添加 联系人" }).tap();
    await phone.page.getByLabel("姓名").fill("王姐");
    await phone.page.locator(".btn--primary", { hasText: "保存" }).evaluate((button) => {
      button.click();
      button.click();
    });
    await phone.page.getByRole("button", { name: "删除 王姐" }).waitFor();
    // A name is 64 bytes at most, 21 of these letters.
    await phone.page.getByLabel("哪方面").fill("价".repeat(40));
    await phone.page.getByLabel("内容").fill("要便宜的");
    await phone.page.locator(".btn", { hasText: /^保存$/ }).tap();
    await phone.page.getByText("价".repeat(21), { exact: true }).waitFor();
    assert.equal(await phone.page.getByRole("button", { name: "删除 王姐" }).count(), 1);
    await phone.page.getByLabel("要做什么").fill("带两本价签");
    await phone.back();
    await phone.page.locator(".notice", { hasText: "已存本机" }).waitFor();
    await phone.checkOut();
    await phone.close();
  });

  test("the words of a day follow what a colleague has written, until something is typed over them", async () => {
    const [one, two] = [await Phone.enrolled(office), await Phone.enrolled(office)];
    const [mine, theirs] = [one, two].map((phone) => phone.page.getByLabel("这天怎么样").first());
    const reads = (phone, text) => phone.page.waitForFunction((text) => [...document.querySelectorAll("textarea")].some((box) => box.value === text), text);
    const brings = async (phone) => {
      await phone.to("sync");
      await phone.page.locator(".syncbig--local").waitFor();
      await phone.sync();
      await phone.to("week");
    };
    const syncs = (phone) => phone.page.evaluate(() => dispatchEvent(new Event("online")));
    await two.to("week");
    await theirs.waitFor();
    await one.to("week");
    await mine.fill("雨大");
    await brings(one);
    await syncs(two);
    await reads(two, "雨大");
    await theirs.press("End");
    await theirs.pressSequentially("，路滑");
    await brings(two);
    await syncs(one);
    await reads(one, "雨大，路滑");
    for (const phone of [one, two]) await phone.close();
  });

  test("a clock three days off is told, keeps everything, and syncs once it is right", async () => {
    const phone = await Phone.enrolled(office);
    await phone.later(3 * 24 * 60);
    await phone.to("shops");
    await phone.page.locator(".stop").first().tap();
    await phone.page.locator("main .btn--wide").first().tap();
    await phone.checkOut();
    await phone.to("sync");
    await phone.page.locator(".syncbig--local .btn").tap();
    await phone.page.locator(".notice", { hasText: "手机时间差了两天以上" }).waitFor();
    assert.match(await phone.text(".syncbig .n--hero"), /^2/, "both actions are still here");
    await phone.later(-3 * 24 * 60);
    await phone.page.locator(".syncbig--local .btn").tap();
    await phone.page.locator(".syncbig--safe").waitFor();
    await phone.close();
  });
});
