// The console in a real browser, against head office on its stage: the live day, the whole month, what each role sees.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browse, open, signedIn, stage } from "./stage.mjs";

const FUSHAN = new URL("../../../tests/data/fushan/", import.meta.url);
const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const FILES = ["org.toml", "scheme.toml", "people.csv", "routes.csv", "retailers.csv", "assignments.csv", "skus.csv", "calendar.csv", "width-standards.csv", "targets.csv", "events.csv", "allocations.csv", "sales.csv"];

let browser;
before(async () => {
  browser = await browse();
});
after(() => browser.close());

async function hasNoBarriers(page, where) {
  // Through the debugger, as the page itself may not run what it did not bring.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  const { result } = await session.send("Runtime.evaluate", { expression: "axe.run().then((found) => JSON.stringify(found.violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(' ')).slice(0, 4)])))", awaitPromise: true });
  assert.deepEqual(JSON.parse(result.value), [], where);
}

test("a Monday morning takes shape in front of the supervisor", async () => {
  const district = await stage("monday", "2026-08-03");
  const { page, context, complaints } = await signedIn(browser, district, "s01");
  const row = (person) => page.locator(`tr[data-person=${person}]`);

  await page.waitForSelector("tr[data-person=m05].silent");
  assert.match(await page.getByTestId("visits").innerText(), /^33–55/, "what is not known is a range");
  assert.match(await row("m05").innerText(), /0–12/, "silence is not zero");
  assert.match(await row("m07").innerText(), /1 小时 17 分没消息/);
  assert.match(await row("m07").innerText(), /58\+/, "what is known can only grow");
  await page.waitForSelector(".livedot--live");

  // She comes back into signal. Nobody touches the page.
  await district.act({ do: "work", person: "m05", time: "10:31:30" });
  await page.waitForSelector("tr[data-person=m05].live");
  await page.waitForFunction(() => /^3[0-9]–4[0-9]/.test(document.querySelector("[data-testid=visits]").textContent));
  assert.match(await page.locator(".feed__list li").first().innerText(), /黄艳/);

  // Down to a visit.
  await row("m05").click();
  await page.waitForSelector(".visitline");
  await page.locator(".visitline").first().click();
  await page.waitForSelector(".tl li");
  assert.match(await page.locator(".tl").innerText(), /签到[\s\S]*盘点[\s\S]*到总部/);
  await page.goBack();
  await page.waitForSelector(".visitline");

  // The line breaks: the figures stay and say how old they are; then it is back.
  await open(page, district, "today");
  await page.waitForSelector("tr[data-person=m05]");
  await context.setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.waitForSelector(".banner");
  assert.match(await page.locator(".banner").innerText(), /连不上总部[\s\S]*的数/);
  assert.equal(await row("m05").count(), 1);
  // Nobody leaves the desk in the belief to have signed out.
  await page.locator(".who summary").click();
  await page.getByRole("button", { name: "退出" }).click();
  assert.match(await page.locator(".who .fault").innerText(), /还没有退出：连不上总部/);
  await page.locator(".who summary").click();
  await context.setOffline(false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.waitForSelector(".banner", { state: "detached" });

  // A tab that nobody looks at holds no line; looked at again it is live at once.
  const look = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await look(true);
  await page.waitForSelector(".livedot--connecting");
  await look(false);
  await page.waitForSelector(".livedot--live");
  assert.deepEqual(complaints.filter((text) => !text.includes("ERR_INTERNET_DISCONNECTED")), []);

  await twoValues(district, page);
  await context.close();
  await everyPage(district);
  await everyRole(district);
  await district.end();
});

async function twoValues(district, page) {
  await open(page, district, "today/2026-08-04/m05");
  await page.locator(".visitline", { hasText: "两个数" }).first().click();
  await page.waitForSelector(".conflict");
  const card = await page.locator(".conflict").innerText();
  assert.match(card, /有两个数/);
  assert.match(card, /刘娜/);
  assert.match(card, /黄艳/);
  assert.match(card, /37/);
  assert.match(await page.locator(".tl").innerText(), /没见到前面的数/);
  // One click settles it, and both phones will hear of it.
  await page.getByRole("button", { name: "用 37" }).click();
  await page.waitForSelector(".conflict", { state: "detached" });
}

const PAGES = [
  "today", "today/2026-08-24/m02", "scores", "scores/2026-08/m08/structure", "scores/2026-07/restatement", "scores/2026-08/disputes", "scores/2026-08/points",
  "scores/stars/2026Q3", "scores/report/2026-08", "orders", "orders/quotas", "shops", "shops/class", "shops/route", "shops/area", "shops/segments", "shops/width",
  "targets", "targets/transfers", "targets/goals", "targets/rollup", "run/schemes/compare", "run/schemes/replay", "run/import", "run/people", "run/devices", "run/assignments", "run/calendar",
  "run/schemes", "run/quarantine", "run/audit", "run/backups", "export", "nowhere",
];

async function everyPage(district) {
  for (const [lang, theme] of [["zh", "light"], ["en", "dark"]]) {
    const { page, context, complaints } = await signedIn(browser, district, "a01", { lang });
    await page.evaluate((theme) => localStorage.setItem("theme", theme), theme);
    await page.reload();
    await page.waitForSelector(".rail");
    for (const where of PAGES) {
      await (where === "nowhere" ? page.goto(`${district.url}/console/#/nowhere`) : open(page, district, where));
      await hasNoBarriers(page, `${where} in ${lang}, ${theme}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${where} is not wider than the window`);
    }
    // Nothing is published yet, which the server answers with 404.
    assert.deepEqual(complaints.filter((text) => !text.includes("404")), [], lang);
    await context.close();
  }
}

async function everyRole(district) {
  const tabs = async (login, password) => {
    const { page, context } = await signedIn(browser, district, login, password ? { password } : {});
    await open(page, district, "run");
    const shown = await page.locator(".seg--tabs a").evaluateAll((links) => links.map((link) => link.getAttribute("href").split("/").pop()));
    await open(page, district, "run/devices");
    await page.waitForSelector("tbody tr");
    const revokes = await page.getByRole("button", { name: "停用" }).count();
    await context.close();
    return { shown, revokes };
  };
  const all = ["people", "devices", "assignments", "calendar", "schemes", "quarantine"];
  assert.deepEqual(await tabs("a01"), { shown: ["import", ...all, "audit", "backups"], revokes: 8 });
  assert.deepEqual(await tabs("s01"), { shown: [...all, "audit"], revokes: 8 });

  const { password } = await district.act({ do: "password", login: "m01" });
  const { page, context } = await signedIn(browser, district, "m01", { password });
  assert.match(await page.locator(".statebox").innerText(), /客户经理请用手机/);
  await context.close();
}

test("a month from its import to its stars", async () => {
  const district = await stage("empty");
  const folder = mkdtempSync(join(tmpdir(), "roundsman-"));
  const texts = Object.fromEntries(FILES.map((name) => [name, readFileSync(new URL(name, FUSHAN), "utf8")]));
  const people = `${texts["people.csv"]}n01,分析员,analyst,n01\n`;
  const write = (changed) => Object.entries({ ...texts, ...changed }).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });

  // Import: two faults, each named by file, line and column; mended; tried; made.
  const first = await signedIn(browser, district, "admin");
  await open(first.page, district, "run/import");
  // Saved by a Chinese Excel as plain CSV, it is no UTF-8: the file is named, and no name comes in as question marks.
  const saved = Buffer.concat([Buffer.from("person_id,name,role,login\nm01,"), Buffer.from([0xd5, 0xd4, 0xc0, 0xf6]), Buffer.from(",manager,m01\n")]);
  await first.page.getByTestId("files").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: saved });
  await first.page.waitForSelector("text=1 处有错，什么也没导入");
  assert.match(await first.page.locator("tbody").innerText(), /people\.csv\s+不是 UTF-8/);
  await first.page.getByRole("button", { name: "再导入别的" }).click();
  const wrong = write({ "people.csv": people.replace("m03,刘娜,manager", "m03,刘娜,king"), "calendar.csv": texts["calendar.csv"].replace("2026-07-02,r002", "2026-07-32,r002") });
  await first.page.getByTestId("files").setInputFiles(wrong);
  await first.page.waitForSelector("text=处有错，什么也没导入");
  const faults = await first.page.locator("tbody").innerText();
  assert.match(faults, /people\.csv\s+4\s+role\s+king/);
  assert.match(faults, /calendar\.csv\s+\d+\s+date\s+2026-07-32/);
  await first.page.getByRole("button", { name: "再导入别的" }).click();
  await first.page.getByTestId("files").setInputFiles(write({ "people.csv": people }));
  await first.page.waitForSelector("text=没有错，可以导入");
  await first.page.getByRole("button", { name: "导入", exact: true }).click();
  await first.page.waitForSelector("text=已导入");
  assert.deepEqual(first.complaints.filter((text) => !text.includes("422")), []);
  await first.context.close();
  rmSync(folder, { recursive: true });

  // A field week, all of it at head office after the month's end; then the month is published.
  await district.act({ do: "clock", date: "2026-09-02", time: "08:00:00" });
  await district.act({ do: "week", from: "2026-08-17", to: "2026-08-21" });
  const login = async (login) => signedIn(browser, district, login, { password: (await district.act({ do: "password", login })).password });
  const supervisor = await login("s01");
  const { page } = supervisor;
  await open(page, district, "scores/2026-08");
  await page.waitForSelector("tr[data-person=m01]");
  await page.getByRole("button", { name: "公布 8月" }).click();
  await page.getByRole("button", { name: "公布", exact: true }).click();
  await page.waitForSelector("text=第 1 版已公布");
  await page.getByRole("dialog").getByRole("button", { name: "关闭" }).last().click();
  await page.waitForSelector("text=已公布 第 1 版");
  const total = await page.locator("tr[data-person=m02] .tot").innerText();

  // Somebody's visit comes late: the revision stands, and what would change is shown.
  await district.act({ do: "late", person: "m02", date: "2026-08-18" });
  await district.act({ do: "settle" });
  await open(page, district, "scores/2026-08");
  await page.waitForSelector("tr[data-person=m02]");
  assert.equal(await page.locator("tr[data-person=m02] .tot").innerText(), total, "what is published stays");
  await open(page, district, "scores/2026-08/restatement");
  await page.waitForSelector(".restate");
  assert.match(await page.locator(".restate", { hasText: "王军" }).innerText(), /新 \d+ 行/);

  // An objection, a ruling, and another's approval.
  await open(page, district, "scores/2026-08/m08/structure");
  await page.waitForSelector("[data-testid=points]");
  await page.getByRole("button", { name: "提出异议" }).click();
  await page.getByLabel("哪里不对").fill("18日的退货是别家的");
  await page.getByRole("dialog").getByRole("button", { name: "提出异议" }).click();
  await page.waitForSelector("text=异议已提出");
  await open(page, district, "scores/2026-08/disputes");
  await page.getByRole("button", { name: "裁定" }).click();
  await page.getByLabel("加减多少分").fill("0.25");
  await page.getByLabel("理由").fill("查过单据，属实");
  await page.getByRole("button", { name: "保存" }).click();
  await page.waitForSelector("text=要另一个人批准");
  assert.equal(await page.getByRole("button", { name: "批准", exact: true }).count(), 0, "nobody approves their own ruling");
  await supervisor.context.close();

  const admin = await login("a01");
  await open(admin.page, district, "scores/2026-08/disputes");
  await admin.page.getByRole("button", { name: "批准", exact: true }).click();
  const asked = admin.page.getByRole("dialog");
  assert.match(await asked.innerText(), /批准 胡军芳：\+0\.25 分/, "whose it is and how much is said before");
  await asked.getByRole("button", { name: "批准", exact: true }).click();
  await admin.page.waitForSelector("text=已裁定");
  await open(admin.page, district, "scores/2026-08/restatement");
  await admin.page.waitForSelector(".restate");
  await admin.page.getByRole("button", { name: "公布新一版" }).click();
  await admin.page.getByRole("button", { name: "公布", exact: true }).click();
  await admin.page.waitForSelector("text=第 2 版已公布");
  await admin.page.getByRole("dialog").getByRole("button", { name: "关闭" }).last().click();
  await admin.page.waitForSelector("text=第 2 版之后没有变化");
  await open(admin.page, district, "scores/2026-08/m08/structure");
  await admin.page.waitForSelector(".steps");
  assert.match(await admin.page.locator(".steps").innerText(), /裁定/);

  // Stars: August counts as published; pay that the scheme does not set is not set.
  await open(admin.page, district, "scores/stars/2026Q3");
  await admin.page.waitForSelector("tbody tr");
  assert.match(await admin.page.locator(".sech").innerText(), /8月 已公布（第 2 版）/);
  assert.match(await admin.page.locator("tbody tr").first().innerText(), /未设/);
  await open(admin.page, district, "run/audit");
  await admin.page.waitForSelector("tbody tr");
  assert.match(await admin.page.locator("tbody").innerText(), /dispute\.rule/);

  // Taken away.
  await open(admin.page, district, "export");
  const download = admin.page.waitForEvent("download");
  await admin.page.getByRole("link", { name: "Excel" }).first().click();
  assert.match((await download).suggestedFilename(), /visits-2026-09\.xlsx/);
  await admin.context.close();

  const analyst = await login("n01");
  await open(analyst.page, district, "scores/2026-08");
  await analyst.page.waitForSelector("tr[data-person=m01]");
  assert.equal(await analyst.page.getByRole("button", { name: "公布新一版" }).count(), 0);
  await open(analyst.page, district, "run");
  assert.equal(await analyst.page.locator(".seg--tabs a", { hasText: "操作记录" }).count(), 0);
  await analyst.context.close();
  await district.end();
});
