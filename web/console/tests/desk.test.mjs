// What staff decide at their desk, in a real browser: a scheme tried, orders ruled on, widths looked at, plans checked.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { browse, open, signedIn, stage, withTeams } from "./stage.mjs";

let browser;
let district;
before(async () => {
  browser = await browse();
  district = await stage("monday", "2026-08-17");
});
after(async () => {
  await browser.close();
  await district.end();
});

async function takenAway(page, press) {
  const download = page.waitForEvent("download");
  await press();
  const file = await download;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

test("a scheme is compared and tried on a quarter before it is adopted", async () => {
  const { page, context, complaints } = await signedIn(browser, district, "s01");
  const stricter = async (label) => {
    const choice = page.locator(".choice", { hasText: label });
    await choice.locator("summary").click();
    const text = choice.locator("textarea");
    await text.fill((await text.inputValue()).replace('below = "0.80"', 'below = "0.85"').replace('weight = "15"', 'weight = "12"'));
    await choice.getByRole("button", { name: "用改过的" }).click();
  };
  await open(page, district, "run/schemes/compare");
  await page.waitForSelector("text=两版完全一样");
  await stricter("第二版");
  await page.waitForSelector("tbody tr");
  const rows = await page.locator("tbody tr").allInnerTexts();
  assert.equal(rows.length, 2, rows.join());
  assert.match(rows[0], /门槛\s+低于\s+0\.8\s+0\.85/);
  assert.match(rows[1], /销量\s+权重\s+15\s+12/);
  const csv = await takenAway(page, () => page.getByRole("button", { name: "CSV" }).click());
  assert.equal(csv.name, "schemes.csv");
  assert.match(csv.text, /gate,,changed,below,0\.8,0\.85|门槛/);

  await open(page, district, "run/schemes/replay");
  await stricter("拟用的方案");
  await page.getByRole("button", { name: "算一遍" }).click();
  await page.waitForSelector("tbody tr");
  assert.equal(await page.locator("tbody tr").count(), 8);
  assert.deepEqual(await page.locator("th.gh").allInnerTexts(), ["现在", "没到门槛：不超过权重", "没到门槛：不得分"]);
  await page.getByRole("button", { name: "胡军芳" }).click();
  const own = page.getByRole("complementary", { name: "胡军芳" });
  await own.getByRole("button", { name: "不得分" }).click();
  assert.match(await own.innerText(), /没到门槛[\s\S]*销量/);
  const replay = await takenAway(page, () => page.getByRole("button", { name: "CSV" }).click());
  assert.match(replay.text, /cap_at_weight,m0[\s\S]*no_points,m0/);
  // A file with faults says where.
  await page.locator("input[type=file]").setInputFiles({ name: "wrong.toml", mimeType: "text/plain", buffer: Buffer.from("id = 5") });
  await page.getByRole("button", { name: "算一遍" }).click();
  await page.waitForSelector(".statebox--bad");
  await page.locator(".statebox--bad summary").click();
  assert.match(await page.locator(".statebox--bad").innerText(), /scheme\.toml/);
  assert.deepEqual(complaints.filter((text) => !text.includes("422")), []);
  await context.close();
});

test("order plans are approved, amended and declined beside their quotas", async () => {
  const { page, context, complaints } = await signedIn(browser, district, "s01");
  await open(page, district, "orders");
  await page.waitForSelector("tbody tr");
  const count = () => page.locator("tbody tr").count();
  const before = await count();
  assert.ok(before > 10);
  const other = await signedIn(browser, district, "a01");
  await open(other.page, district, "orders");
  await other.page.locator("tbody a").first().click();
  await other.page.waitForSelector(".planlines");
  await page.locator("tbody a").first().click();
  await page.getByRole("button", { name: /^批准全部 \d+ 行$/ }).click();
  const oneLess = (page) => page.waitForFunction((before) => document.querySelectorAll("tbody tr").length === before - 1, before);
  await oneLess(page);
  // Who had the same plan before them rules on it second, is told, and sees what awaits now.
  await other.page.getByRole("button", { name: /^批准全部 \d+ 行$/ }).click();
  await oneLess(other.page);
  assert.match(await other.page.locator("aside .fault").innerText(), /已被他人修改/);
  await other.context.close();

  // One line of another plan is amended with a reason; without one it can't be saved.
  await page.locator("tbody a").first().click();
  const line = page.locator(".planlines li").first();
  await line.getByRole("button", { name: "改", exact: true }).click();
  await line.locator("input[type=number]").fill("1");
  const save = page.getByRole("button", { name: "保存 1 行" });
  assert.equal(await save.isDisabled(), true, "an amended line needs a reason");
  await line.getByPlaceholder("理由").fill("本周货少");
  await save.click();
  await page.waitForSelector("text=改为 1 条");
  assert.match(await line.innerText(), /本周货少/);
  if (await page.locator(".planlines li").count() > 1) {
    const second = page.locator(".planlines li").nth(1);
    await second.getByRole("button", { name: "不给" }).click();
    await second.getByPlaceholder("理由").fill("停产");
    await page.getByRole("button", { name: "保存 1 行" }).click();
    await second.locator(".chip", { hasText: "不给" }).waitFor();
  }
  // What needs no look is approved together; the rest stays, each with what is to be looked at.
  await open(page, district, "orders");
  await page.getByRole("button", { name: /^批准没什么要看的 \d+ 张$/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "批准", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.waitForFunction(() => [...document.querySelectorAll("tbody tr")].every((row) => row.querySelector(".chip--out, .chip--flag")));
  assert.ok(await count() > 0);
  await open(page, district, "orders/quotas");
  await page.waitForSelector("tbody tr");
  assert.match(await page.locator("tbody tr").first().innerText(), /2026-W3\d/);
  const csv = await takenAway(page, () => page.getByRole("link", { name: "CSV" }).click());
  assert.equal(csv.name, "quotas.csv");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("points that one records count once another has approved them", async () => {
  const supervisor = await signedIn(browser, district, "s01");
  await open(supervisor.page, district, "scores/2026-08/points");
  for (const why of ["店面没有整理", "记重了"]) {
    await supervisor.page.getByRole("button", { name: "记加减分" }).click();
    const form = supervisor.page.getByRole("dialog");
    const person = form.getByLabel("人员");
    assert.equal(await person.inputValue(), "", "nobody is chosen by chance");
    assert.doesNotMatch(await person.textContent(), /营销科|管理员/, "points are of managers");
    await person.selectOption("m02");
    await form.getByLabel("理由").fill(why);
    await form.getByRole("button", { name: "保存" }).click();
    await form.waitFor({ state: "detached" });
  }
  assert.deepEqual(supervisor.complaints, []);
  await supervisor.context.close();

  const { page, context, complaints } = await signedIn(browser, district, "a01");
  await open(page, district, "scores/2026-08/points");
  const row = (why) => page.locator("tbody tr", { hasText: why });
  const dialog = page.getByRole("dialog");
  await row("店面没有整理").getByRole("button", { name: "批准", exact: true }).click();
  assert.match(await dialog.innerText(), /批准 王军：临时性重要工作 −0\.5 分/);
  await dialog.getByRole("button", { name: "批准", exact: true }).click();
  await row("店面没有整理").getByText("已批准").waitFor();
  await row("记重了").getByRole("button", { name: "不批准" }).click();
  const decline = dialog.getByRole("button", { name: "不批准" });
  assert.equal(await decline.isDisabled(), true, "declining needs a reason");
  await dialog.getByLabel("理由").fill("与上一条是同一件事");
  await decline.click();
  await row("记重了").getByText("没批准").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("shops are put into segments by bounds that staff set", async () => {
  const { page, context, complaints } = await signedIn(browser, district, "s01");
  await open(page, district, "shops/segments");
  await page.waitForSelector("tbody tr");
  const sizes = async () => (await page.locator(".segment .n").allInnerTexts()).map((text) => Number(text.replace(",", "")));
  const before = await sizes();
  assert.equal(before.reduce((a, b) => a + b), 1053, "each shop is in one");
  await page.getByLabel("贡献高").fill("1000000");
  await page.getByLabel("贡献高").press("Enter");
  await page.waitForFunction(() => document.querySelector(".segment .n").textContent === "0");
  assert.equal((await sizes())[4], before[4], "what was not checked stays unknown");
  await page.locator(".segment--low_needy").click();
  await page.waitForSelector(".segment--low_needy.on");
  await page.waitForFunction((shops) => document.querySelectorAll("tbody tr").length === shops, (await sizes())[2]);
  assert.match((await takenAway(page, () => page.getByRole("link", { name: "CSV" }).click())).text, /low_needy/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a route's day is moved by dragging, and by the keyboard alone", async () => {
  const { page, context, complaints } = await signedIn(browser, district, "a01");
  await open(page, district, "run/calendar");
  const of = (date) => page.locator(`li[data-date="${date}"]`);
  await of("2026-08-25").locator(".planned").first().waitFor();
  const name = await of("2026-08-25").locator(".planned").first().innerText();
  const dialog = page.getByRole("dialog");
  await of("2026-08-25").locator(".planned").first().dragTo(of("2026-08-30"));
  await dialog.getByText("可以改").waitFor();
  await dialog.getByRole("button", { name: "改", exact: true }).click();
  await of("2026-08-30").locator(".planned").waitFor();
  assert.equal(await of("2026-08-30").locator(".planned").innerText(), name);
  assert.match(await page.locator("[role=status]").first().innerText(), /已改到 8月30日/);

  // Back again without a mouse.
  await of("2026-08-30").locator(".planned").focus();
  await page.keyboard.press("Enter");
  await dialog.getByLabel("改到", { exact: true }).fill("2026-08-25");
  await dialog.getByText("可以改").waitFor();
  await dialog.getByRole("button", { name: "改", exact: true }).press("Enter");
  await of("2026-08-30").locator(".planned").waitFor({ state: "detached" });
  assert.equal(await of("2026-08-21").locator(".planned").count(), 0, "a day that is over stays");
  assert.deepEqual(complaints, []);
  await context.close();
  const supervisor = await signedIn(browser, district, "s01");
  await open(supervisor.page, district, "run/calendar");
  await supervisor.page.waitForSelector("li[data-date]");
  assert.equal(await supervisor.page.locator(".planned").count(), 0, "only an admin changes the plan");
  await supervisor.context.close();
});

test("the width of brands is plotted, and what follows for routes stands beside", async () => {
  const { page, context, complaints } = await signedIn(browser, district, "s01");
  await open(page, district, "shops/width");
  await page.waitForSelector(".scatter");
  const points = await page.locator(".scatter .mark path").count();
  assert.ok(points > 100, `${points} points`);
  assert.match(await page.locator("h2").first().innerText(), /R² 0\.\d{3}/);
  assert.match(await page.locator("tbody tr").first().innerText(), /r001/);
  await page.getByLabel("横轴", { exact: true }).selectOption("monthly_order");
  assert.match(await page.locator(".scatter").getAttribute("aria-label"), /月订货/);
  await page.getByRole("button", { name: "每家店" }).click();
  await page.waitForFunction((points) => document.querySelectorAll("tbody tr").length === points, points);
  assert.equal((await takenAway(page, () => page.getByRole("link", { name: "CSV" }).click())).text.trim().split("\n").length, points + 1);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("plans are checked from the district down; parts change hands; goals and roll-ups", async () => {
  const admin = await signedIn(browser, district, "a01");
  await withTeams(admin.page);
  await admin.context.close();
  const { page, context, complaints } = await signedIn(browser, district, "s01");
  await open(page, district, "targets");
  await page.waitForSelector("tbody tr");
  const rows = await page.locator("tbody tr").allInnerTexts();
  assert.match(rows[0], /福山[\s\S]*全区[\s\S]*100,000/);
  assert.equal(rows.filter((row) => /客户经理/.test(row)).length, 8);
  assert.match(await page.locator(".banner--bad").innerText(), /1 个对不上/);
  assert.match(await page.locator("tbody tr", { hasText: "东队" }).innerText(), /一致/);

  await open(page, district, "targets/transfers");
  await page.getByRole("button", { name: "提出转让" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("谁让出").selectOption("m03");
  await dialog.getByLabel("谁接").selectOption("m04");
  await dialog.getByLabel("数量").fill("200");
  await dialog.getByLabel("理由").fill("线路调整");
  await dialog.getByRole("button", { name: "提出转让" }).click();
  await page.waitForSelector("text=等两人同意");

  await open(page, district, "targets/goals");
  await page.waitForSelector("text=还没有目标");
  await page.getByRole("button", { name: "加目标" }).click();
  await dialog.getByLabel("人员").selectOption("m02");
  await dialog.getByLabel("目标", { exact: true }).fill("细支多卖");
  await dialog.getByLabel("看哪项指标").selectOption("slim");
  await dialog.getByLabel("目标值").fill("2000");
  await dialog.getByRole("button", { name: "保存" }).click();
  await page.waitForSelector("tbody tr");
  await page.getByRole("button", { name: "同意", exact: true }).click();
  await page.waitForSelector("text=等客户经理");
  assert.match(await page.locator("tbody tr").innerText(), /细支[\s\S]*2000[\s\S]*%/);

  await open(page, district, "targets/rollup");
  await page.waitForSelector("tbody tr");
  assert.equal(await page.locator("tbody tr", { hasText: /[东西]队/ }).count(), 2);
  await page.getByRole("button", { name: "零售户" }).click();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length > 50);
  assert.equal((await takenAway(page, () => page.getByRole("link", { name: "CSV" }).click())).name, "outlets.csv");
  assert.deepEqual(complaints, []);
  await context.close();
});
