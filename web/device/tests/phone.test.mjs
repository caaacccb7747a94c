// The phone itself: windows, storage, updates, people, files, languages, thumbs.

import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Office, Phone, quit, tooSmall, violations } from "./harness.mjs";

describe("the phone", () => {
  let office;
  before(async () => {
    office = await Office.open();
  });
  after(async () => {
    await quit();
    await office.close();
  });

  test("one window holds the store; another says so and can take over", async () => {
    const phone = await Phone.enrolled(office);
    const second = await phone.context.newPage();
    await second.goto(`${office.url}/app/`);
    await second.getByRole("heading", { name: "另一个窗口正在用" }).waitFor();
    await second.getByRole("button", { name: "在这里用" }).tap();
    await second.locator("nav.tabs").waitFor();
    await phone.page.getByRole("heading", { name: "已转到另一个窗口" }).waitFor();
    await phone.close();
  });

  test("a browser that refuses storage is told before any work begins", async () => {
    const phone = await Phone.make(office, { serviceWorkers: "block" });
    await phone.context.route("**/assets/worker-*.js", async (route) => {
      const answer = await route.fetch();
      const refusing = "navigator.storage.getDirectory = () => Promise.reject(new DOMException('refused', 'SecurityError'));\n";
      await route.fulfill({ response: answer, body: refusing + (await answer.text()), headers: { ...answer.headers(), "content-encoding": "" } });
    });
    await phone.page.goto(`${office.url}/app/`);
    await phone.page.getByRole("heading", { name: "浏览器不让保存数据" }).waitFor();
    await phone.close();
  });

  test("a full phone says that this was not saved, and keeps what was", async () => {
    const phone = await Phone.enrolled(office);
    const before = await phone.text(".ring");
    // What the browser does when the disk is full: a write to the file throws.
    await phone.page.workers()[0].evaluate(() => {
      FileSystemSyncAccessHandle.prototype.write = () => {
        throw new DOMException("no space", "QuotaExceededError");
      };
    });
    await phone.page.locator(".next .btn--primary").tap();
    await phone.page.locator(".notice", { hasText: "手机存满了，这次没存上" }).waitFor();
    await phone.reopen();
    await phone.page.locator(".ring").waitFor();
    assert.equal(await phone.text(".ring"), before);
    await phone.checkIn();
    await phone.checkOut();
    await phone.close();
  });

  test("an app that is opened again shows the day while its store opens, and does only what the store says", async () => {
    const phone = await Phone.enrolled(office);
    await phone.installed();
    await phone.context.route("**/v1/sync", (route) => route.abort());
    await phone.begun();
    const before = await phone.text(".ring");
    const kept = await phone.page.evaluate(() => ({ ...localStorage }));

    const open = await phone.reopenHeld();
    await phone.page.locator("main[aria-busy] .next .btn--primary", { hasText: "签到" }).tap();
    // Nothing seems to happen: again.
    await phone.page.locator(".next .btn--primary").tap();
    assert.equal(await phone.text(".ring"), before, "the stops as they were");
    assert.match(await phone.text(".sync"), /正在打开/, "nothing is said of work that is not known yet");
    await open();
    await phone.page.locator(".hubstep").first().waitFor();

    // The browser dies in the visit, and with it what it had just forgotten of the day before the visit.
    await phone.page.evaluate((day) => Object.assign(localStorage, day), kept);
    const again = await phone.reopenHeld();
    await phone.page.locator(".next .btn--primary", { hasText: "签到" }).tap();
    await again();
    await phone.page.locator(".hubstep").first().waitFor();
    await phone.checkOut();
    await phone.to("sync");
    assert.match(await phone.text(".syncbig .n--hero"), /^2\D/, "one check-in and one check-out");

    // What was shown before a check-in is forgotten with it; a phone that is put away in the visit opens in it.
    await phone.to("today");
    await phone.checkIn();
    const days = () => phone.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("roundsman.day")).length);
    assert.equal(await days(), 0);
    await phone.putAway();
    const third = await phone.reopenHeld();
    await phone.page.locator("main[aria-busy] .next .btn--primary", { hasText: "继续拜访" }).waitFor();
    await third();
    await phone.begun();
    await phone.page.locator(".next .btn--primary", { hasText: "继续拜访" }).tap();
    await phone.checkOut();
    await phone.close();
  });

  test("an update in the middle of a visit waits, and is taken after it", async () => {
    const phone = await Phone.enrolled(office);
    await phone.installed();
    await phone.checkIn();
    const worker = join(process.cwd(), "dist/sw.js");
    const original = readFileSync(worker);
    const packed = existsSync(`${worker}.br`);
    if (packed) renameSync(`${worker}.br`, `${worker}.kept`);
    writeFileSync(worker, `${original}\n// a newer version`);
    try {
      await phone.page.evaluate(async () => (await navigator.serviceWorker.getRegistration("/app/"))?.update());
      await phone.back();
      await phone.page.getByText("有新版本").waitFor();
      await phone.page.getByText("拜访结束后再更新").waitFor();
      assert.equal(await phone.page.getByRole("button", { name: "更新" }).count(), 0, "not during a visit");
      await phone.page.locator(".next .btn--primary").tap();
      await phone.checkOut();
      await Promise.all([phone.page.waitForEvent("load"), phone.page.getByRole("button", { name: "更新" }).tap()]);
      await phone.page.locator("nav.tabs").waitFor();
    } finally {
      writeFileSync(worker, original);
      if (packed) renameSync(`${worker}.kept`, `${worker}.br`);
    }
    await phone.close();
  });

  test("unsynced work goes to head office as a file, by command and by another phone", async () => {
    const phone = await Phone.enrolled(office);
    await phone.context.route("**/v1/sync", (route) => route.abort());
    await phone.checkIn();
    await phone.checkOut();
    await phone.to("settings");
    const [download] = await Promise.all([phone.page.waitForEvent("download"), phone.page.getByRole("button", { name: "导出没同步的工作" }).tap()]);
    const file = join(office.folder, "rescue.json");
    await download.saveAs(file);
    const other = await Phone.enrolled(office, { person: "m06" });
    await other.sync();
    // A sync by itself is under way meanwhile, and ends after what was told.
    let hold;
    const held = new Promise((resolve) => (hold = resolve));
    await other.context.route("**/v1/sync", hold, { times: 1 });
    await other.page.evaluate(() => dispatchEvent(new Event("online")));
    const syncing = await held;
    await other.to("settings");
    await other.page.locator("input[type=file]").setInputFiles(file);
    const told = other.page.locator(".notice", { hasText: "已送到总部：2 项" });
    await told.waitFor();
    await other.to("sync");
    await other.page.locator(".syncbig--sync").waitFor();
    await syncing.continue();
    await other.page.locator(".syncbig--safe").waitFor();
    assert.equal(await told.count(), 1, "what nobody has read yet stays");
    const again = office.json("import-rescue", file);
    assert.deepEqual([again.durable, again.known, again.held_back], [0, 2, 0], "taken in twice it is there once");
    const forged = JSON.parse(readFileSync(file, "utf8"));
    forged.rounds[0].body = Buffer.from("something else").toString("base64");
    writeFileSync(file, JSON.stringify(forged));
    assert.throws(() => office.run("import-rescue", file), /bad_signature/);
    for (const one of [phone, other]) await one.close();
  });

  test("a phone that head office has forgotten enrols again, and its work lands", async () => {
    const phone = await Phone.enrolled(office, { person: "m08" });
    await phone.context.route("**/v1/sync", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ code: "unknown_device", title: "This device is not enrolled here." }) }));
    await phone.to("shops");
    await phone.page.locator(".stop").first().tap();
    await phone.page.locator("main .btn--wide").first().tap();
    await phone.page.locator(".foot .btn").waitFor();
    await phone.to("sync");
    await phone.page.locator(".syncbig .btn").tap();
    await phone.page.locator(".syncbig--unknown").waitFor();
    // It is told after the next start too, before head office can be asked again.
    await phone.context.unroute("**/v1/sync");
    await phone.context.route("**/v1/sync", (route) => route.abort());
    await phone.reopen();
    await phone.page.locator(".sync--unknown", { hasText: "总部不认识这台手机" }).waitFor();
    await phone.to("sync");
    await phone.page.locator(".syncbig--unknown").waitFor();
    await phone.page.getByRole("link", { name: "注册这台手机" }).tap();
    await phone.context.unroute("**/v1/sync");
    await phone.page.locator("input[name=code]").fill(office.code("m08"));
    await phone.page.locator("button[type=submit]").tap();
    await phone.page.locator("nav.tabs").waitFor();
    await phone.sync();
    await phone.close();
  });

  test("while a restored head office is offered what the phone holds, nothing is said to be there", async () => {
    const phone = await Phone.enrolled(office, { person: "m08" });
    await phone.sync();
    const backup = join(office.folder, "backup");
    office.run("backup", backup);
    await office.stop();
    office.run("restore", backup);
    await office.start();
    // It is told that the epoch is a new one, and gets no further.
    await phone.context.route("**/v1/sync", (route) => route.abort());
    await phone.context.route("**/v1/sync", (route) => route.continue(), { times: 1 });
    await phone.page.locator(".syncbig .btn").tap();
    await phone.page.locator(".syncbig--offering").waitFor();
    await phone.to("today");
    await phone.page.locator(".sync--offering", { hasText: "总部正在恢复" }).waitFor();
    await phone.context.unrouteAll();
    await phone.sync();
    await phone.close();
  });

  test("a dispute is filed once, and counts as work on the phone until it is at head office", async () => {
    const month = new Date(Date.now() - 32 * 86_400_000).toISOString().slice(0, 7);
    office.run("publish", "--month", month, "--incomplete");
    const phone = await Phone.enrolled(office);
    await phone.sync();
    await phone.context.route("**/v1/sync", (route) => route.abort());
    await phone.to(`score/${month}`);
    await phone.page.locator(".ind").first().tap();
    await phone.page.locator("textarea").fill("少算了一家");
    await phone.page.getByRole("button", { name: "提交申诉" }).evaluate((button) => {
      button.click();
      button.click();
    });
    await phone.page.locator(".notice", { hasText: "下次同步送出" }).waitFor();
    await phone.to(`score/${month}`);
    await phone.page.getByText("只在本机", { exact: true }).waitFor();
    assert.equal(await phone.page.getByText("少算了一家").count(), 1);
    await phone.to("sync");
    await phone.page.locator(".syncbig--local .n--hero", { hasText: /^1\D/ }).waitFor();
    await phone.context.unroute("**/v1/sync");
    await phone.sync();
    await phone.close();
  });

  test("two people on one phone are apart, each behind a lock of their own", async () => {
    const phone = await Phone.enrolled(office);
    await phone.to("settings");
    await phone.page.locator("input[type=password]").fill("2468");
    await phone.page.getByRole("button", { name: "保存" }).tap();
    await phone.page.getByRole("button", { name: "取消应用密码" }).waitFor();
    await phone.page.getByRole("button", { name: "换人" }).tap();
    await phone.page.getByRole("button", { name: "加一个人" }).tap();
    // By mistake: there is a way back, and whoever opens the app next is who used it.
    await phone.page.getByRole("button", { name: "换人" }).tap();
    await phone.page.getByRole("button", { name: "还没注册" }).tap();
    await phone.page.locator("input[name=code]").waitFor();
    await phone.page.reload();
    await phone.page.locator("input[type=password]").waitFor();
    await phone.page.getByRole("button", { name: "换人" }).tap();
    await phone.page.getByRole("button", { name: "还没注册" }).tap();
    await phone.page.locator("input[name=code]").fill(office.code("m06"));
    await phone.page.locator("button[type=submit]").tap();
    await phone.page.locator("nav.tabs").waitFor();
    assert.doesNotMatch(await phone.text(".top"), /黄艳/, "the second person's own day");
    await phone.to("settings");
    await phone.page.getByRole("button", { name: "换人" }).tap();
    await phone.page.getByRole("button", { name: "黄艳" }).tap();
    await phone.page.locator("input[type=password]").fill("1111");
    await phone.page.locator("button[type=submit]").tap();
    await phone.page.getByRole("alert").filter({ hasText: "不对" }).waitFor();
    await phone.page.locator("input[type=password]").fill("2468");
    await phone.page.locator("button[type=submit]").tap();
    await phone.page.locator("nav.tabs").waitFor();
    assert.match(await phone.text(".top"), /黄艳/);
    await phone.close();
  });

  test("a revoked phone hands over its work, and then keeps nothing", async () => {
    const phone = await Phone.enrolled(office, { person: "m07" });
    await phone.context.route("**/v1/sync", (route) => route.abort());
    await phone.to("shops");
    await phone.page.locator(".stop").first().tap();
    await phone.page.locator("main .btn--wide").first().tap();
    await phone.page.locator(".foot .btn").waitFor();
    // Killed in mid-count, so that there is what was only typed, too.
    await phone.step("count");
    await phone.key("7");
    await phone.page.locator(".count--active .stepper .n", { hasText: "7" }).waitFor();
    await phone.reopen();
    const device = office.json("devices").filter((one) => one.person === "m07").sort((a, b) => a.enrolled_ms - b.enrolled_ms).at(-1).device;
    office.run("revoke", device);
    await phone.context.unroute("**/v1/sync");
    await phone.to("sync");
    const gone = phone.page.getByRole("heading", { name: "这台手机已被停用" });
    // It syncs by itself when it is opened, and may have been first.
    await phone.page.locator(".syncbig .btn").or(gone).tap();
    await gone.waitFor();
    const kept = await phone.page.evaluate(async () => {
      const names = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
      return names;
    });
    assert.deepEqual(kept, [], "nothing of the person is on the phone");
    assert.equal(await phone.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("roundsman.day")).length), 0);
    assert.equal(office.json("quarantine").filter((held) => held.person === "m07").length, 2, "the check-in and the count are held back at head office");
    await phone.close();
  });
});

describe("for everybody", () => {
  let office;
  before(async () => {
    office = await Office.open();
  });
  after(async () => {
    await quit();
    await office.close();
  });

  for (const locale of ["zh-CN", "en"]) {
    test(`every screen in ${locale}: no violation of WCAG 2.2 AA, nothing too small for a thumb, nothing wider than 360 px`, async () => {
      const phone = await Phone.make(office, { locale });
      const faults = [];
      const look = async (name) => {
        for (const line of await violations(phone.page)) faults.push(`${name}: ${line}`);
        for (const line of await tooSmall(phone.page)) faults.push(`${name}: small: ${line}`);
        const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > 360) faults.push(`${name}: ${wide} px wide`);
      };
      await phone.page.goto(`${office.url}/app/#enrol=${office.code("m03")}`);
      await phone.page.locator("button[type=submit]").waitFor();
      await look("enrol");
      await phone.page.locator("button[type=submit]").tap();
      await phone.page.locator("nav.tabs").waitFor();
      for (const theme of ["light", "dark", "sun"]) {
        await phone.to("settings");
        await phone.page.locator(".seg").nth(1).locator(".btn").nth(["light", "dark", "sun"].indexOf(theme)).tap();
        await look(`settings ${theme}`);
        await phone.to("today");
        await phone.page.locator(".next").waitFor();
        await look(`today ${theme}`);
        await phone.to("score");
        await phone.page.locator(".ind").first().waitFor();
        await look(`score ${theme}`);
        await phone.to("sync");
        await phone.page.locator(".syncbig").waitFor();
        await look(`sync ${theme}`);
      }
      await phone.to("score");
      await phone.page.locator(".ind").first().tap();
      await phone.page.locator(".step").first().waitFor();
      await look("receipt");
      await phone.to("score");
      await phone.page.locator("a[href$=what-if]").tap();
      await phone.page.locator(".slider").first().waitFor();
      await look("what if");
      await phone.to("shops");
      await phone.page.locator(".stop").first().waitFor();
      await look("shops");
      await phone.page.locator(".stop").first().tap();
      await phone.page.locator("textarea, .chart").first().waitFor();
      await look("shop");
      await phone.to("week");
      await phone.page.locator("main .card").first().waitFor();
      await look("week");
      await phone.to("today");
      await phone.page.locator(".next .pair a").first().tap();
      await phone.page.locator(".seg--wrap").waitFor();
      await look("missed");
      await phone.to("today");
      await phone.checkIn();
      await look("visit");
      for (const step of ["count", "order", "talk"]) {
        await phone.step(step);
        await phone.page.locator(".pad, .order, textarea").first().waitFor();
        await look(step);
        await phone.back();
        await phone.page.locator(".hubstep").first().waitFor();
      }
      await phone.step("count");
      await phone.key("7");
      await phone.page.locator(".count--active .stepper .n", { hasText: "7" }).waitFor();
      await phone.reopen();
      await phone.to("sync");
      await phone.page.locator("a.stop").waitFor();
      await look("sync, with what was begun");
      await phone.to("enrol");
      await phone.page.locator("input[name=code]").waitFor();
      await look("enrol again");
      // The next one finds no visit under way.
      await phone.to("today");
      await phone.page.locator(".next .btn--primary").tap();
      await phone.checkOut();
      assert.deepEqual([...new Set(faults)], []);
      const said = await phone.page.locator("body").innerText();
      if (locale === "en") assert.doesNotMatch(said, /签到|盘点|同步/, "the interface is in English");
      await phone.close();
    });
  }

  test("few taps: check in 2, a count of 10 SKUs at most 25, an order accepted 2, check out 1", async () => {
    const phone = await Phone.enrolled(office, { person: "m02" });
    let taps = 0;
    await phone.page.exposeFunction("tapped", () => {
      taps += 1;
    });
    await phone.page.evaluate(() => addEventListener("click", () => void globalThis.tapped(), { capture: true }));
    const taken = async (what) => {
      // A call that was exposed has come back before the next one.
      await phone.page.evaluate(() => 0);
      const n = taps;
      taps = 0;
      console.log(`taps: ${what}: ${n}`);
      return n;
    };
    await phone.checkIn();
    assert.ok((await taken("check in")) <= 2);
    await phone.step("count");
    for (const count of ["4", "12", "0", "8", "3", "15", "6", "0", "9", "2"]) {
      if (count === "0") await phone.page.locator(".pad .key--w").nth(1).tap();
      else {
        for (const digit of count) await phone.key(digit);
        await phone.next();
      }
    }
    await phone.back();
    await phone.page.locator(".hubstep.done").first().waitFor();
    assert.ok((await taken("a count of 10 SKUs, opened and left")) <= 25);
    await phone.step("order");
    await phone.page.locator(".foot .btn", { hasText: "全部采纳" }).tap();
    await phone.page.locator(".hubstep.done").nth(1).waitFor();
    assert.equal(await taken("an order, opened and accepted"), 2);
    await phone.checkOut();
    assert.equal(await taken("check out"), 1);
    await phone.close();
  });
});
