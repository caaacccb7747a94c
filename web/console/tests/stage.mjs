// What the tests and the pictures share: a district on a stage, a browser, and a way in.

import { readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/** A district that does as it is told; see tests/src/stage.rs. */
export async function stage(...what) {
  const program = process.env.ROUNDSMAN_STAGE;
  if (!program) throw new Error("ROUNDSMAN_STAGE names the program `stage`: `cargo xtask test` sets it");
  const child = spawn(program, what, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the stage has ended");
    return JSON.parse(value);
  };
  const { url, passwords } = await answer();
  return {
    url,
    passwords,
    async act(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const said = await answer();
      if (said.error) throw new Error(said.error);
      return said;
    },
    end: () => new Promise((resolve) => {
      child.once("exit", resolve);
      child.stdin.end();
    }),
  };
}

const QUIET = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

export function browse() {
  return chromium.launch({ executablePath: process.env.ROUNDSMAN_CHROMIUM ?? "/usr/bin/chromium", args: QUIET });
}

/** A page of somebody signed in, which notes what the browser complains of. */
export async function signedIn(browser, district, login, { lang = "zh", viewport = { width: 1440, height: 940 }, password } = {}) {
  const context = await browser.newContext({ viewport, locale: lang === "zh" ? "zh-CN" : "en-GB", reducedMotion: "reduce", acceptDownloads: true });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    // Who is not signed in yet is told so once, by 401.
    if (["warning", "error"].includes(message.type()) && !message.text().includes("401")) complaints.push(message.text());
  });
  page.on("pageerror", (fault) => complaints.push(fault.message));
  await page.goto(`${district.url}/console/`);
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", password ?? district.passwords[login]);
  await page.click("form button.btn--primary");
  await page.waitForSelector(".rail, .statebox");
  return { page, context, complaints };
}

export async function open(page, district, hash) {
  await page.goto(`${district.url}/console/#/${hash}`);
  await page.waitForSelector("#main h1");
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
}

/** Two teams and plans above those of managers, of which the district's is not the sum of its teams'. For an admin's page. */
export async function withTeams(page) {
  const file = (name) => readFileSync(new URL(`../../../tests/data/fushan/${name}`, import.meta.url), "utf8").trim().split("\n");
  const team = (line) => (line.startsWith("person_id") ? "team_id" : /^m0[1-4]/.test(line) ? "east" : /^m0/.test(line) ? "west" : "");
  const plan = (person) => Number(file("targets.csv").find((line) => line.startsWith(`2026-08,${person},sales,,`)).split(",")[4]);
  const sum = (...people) => people.map(plan).reduce((a, b) => a + b, 0);
  const files = {
    "people.csv": `${file("people.csv").map((line) => `${line},${team(line)}`).join("\n")}\n`,
    "teams.csv": "team_id,name,department,supervisor\neast,东队,一部,s01\nwest,西队,一部,\n",
    "target-cascade.csv": `month,level,unit,indicator,item,plan\n2026-08,district,,sales,,100000\n2026-08,team,east,sales,,${sum("m01", "m02", "m03", "m04")}\n2026-08,team,west,sales,,${sum("m05", "m06", "m07", "m08")}\n`,
  };
  const status = await page.evaluate(async (files) => {
    const headers = { "content-type": "application/json", "x-roundsman-console": "1" };
    return (await fetch("/v1/import", { method: "POST", headers, body: JSON.stringify({ files }) })).status;
  }, files);
  if (status !== 200) throw new Error(`teams were not imported: ${status}`);
}
