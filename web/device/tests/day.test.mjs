// A day in the field, and what may go wrong in it.

import assert from "node:assert/strict";
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
