// `cargo xtask bench phone [--json] [--runs N] [--each]`: the phone's budgets on a processor a quarter as fast. Figures, not tests.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { ARGUMENTS, Office, Phone, quit } from "./harness.mjs";

const PERSON = "p00000";
const STARTS = 7;
/** Of few actions the p95 is the slowest. */
const VISITS = 8;
const KEYS = 12;
/** Three taps a second. */
const TAP_EVERY_MS = 330;
const TOUCHES_MS = 60;
/** Of a turn, what is the browser's, in µs. A process that was stopped takes a while to come to itself: how long the rest has to be for a
    quarter of the speed is tried out, and the factor measured and told. */
const RUN_US = 4000;
const FACTOR = 4;
let stopUs = 6000;
const words = process.argv.slice(2);
const runs = words.includes("--runs") ? Number(words[words.indexOf("--runs") + 1]) : 3;

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const median = (numbers) => sorted(numbers)[Math.floor(numbers.length / 2)];
const p95 = (numbers) => sorted(numbers)[Math.ceil(numbers.length * 0.95) - 1];

/** All bytes that head office sends to a browser that installs the app, headers included, and then each icon of the manifest. */
async function install(office) {
  let bytes = 0;
  const line = createServer((phone) => {
    const head = connect(office.port, "127.0.0.1");
    head.on("data", (data) => (bytes += data.length));
    for (const end of [phone, head]) end.on("error", () => [phone, head].forEach((each) => each.destroy()));
    phone.pipe(head).pipe(phone);
  });
  await new Promise((ready) => line.listen(0, "127.0.0.1", ready));
  const url = `http://localhost:${line.address().port}`;
  const phone = await Phone.make({ url });
  await phone.page.goto(`${url}/app/`);
  await phone.page.locator("button[type=submit]").waitFor();
  await phone.installed();
  await phone.page.evaluate(async () => {
    const manifest = await (await fetch(document.querySelector("link[rel=manifest]").href)).json();
    const icons = [...manifest.icons.map((icon) => icon.src), ...[...document.querySelectorAll("link[rel*=icon]")].map((link) => link.href)];
    for (const icon of icons) await (await fetch(icon)).blob();
  });
  await phone.close();
  await quit();
  line.close();
  return bytes;
}

/** The browser that a script has started: the child of this process that has the profile. */
function browserOf(profile) {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim().split(" ");
  return children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(profile));
}

/** Slows a browser and all its processes; what is returned lets them go. */
function slow(profile) {
  const throttle = spawn(process.env.SLOW, [browserOf(profile), RUN_US, stopUs].map(String), { stdio: ["pipe", "inherit", "inherit"] });
  return () => new Promise((done) => {
    throttle.once("exit", done);
    throttle.stdin.end();
  });
}

/** How long a loop that only calculates takes, in the page and in the core's worker, in ms; the least of three. */
async function calculates(page) {
  const loop = () => {
    const begun = performance.now();
    let x = 1;
    for (let i = 0; i < 1e8; i++) x = (x * 1103515245 + i) | 0;
    return x === 0 ? 0 : performance.now() - begun;
  };
  const least = async (place) => Math.min(await place.evaluate(loop), await place.evaluate(loop), await place.evaluate(loop));
  return { page: await least(page), worker: await least(page.workers()[0]) };
}

/** With a head office of its own, at which nobody has made today's visits. */
async function afresh(work) {
  const office = await Office.open();
  try {
    return await work(office);
  } finally {
    await office.close();
  }
}

/** In the page: when a tap was made, which call it led to, when the day's stops were there and when the store was open. */
function watch() {
  globalThis.asked = {};
  let tapped = 0;
  addEventListener("click", (event) => (tapped = performance.timeOrigin + event.timeStamp), { capture: true });
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    const call = typeof message?.argumentList?.[0]?.value === "string" ? /^{"call":"(\w+)"/.exec(message.argumentList[0].value)?.[1] : undefined;
    if (call && tapped) globalThis.asked[message.id] = { call, tapped, sent: performance.timeOrigin + performance.now() };
    post.call(this, message, ...rest);
  };
  new MutationObserver(() => {
    if (globalThis.opened || !document.querySelector(".next .btn--primary")) return;
    globalThis.shown ||= performance.now();
    // What a tap does waits until the store is open.
    if (!document.querySelector("main[aria-busy]")) globalThis.opened = performance.now();
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["aria-busy"] });
}

/** A finger that taps as fast as somebody who counts, and touches the glass as long as one does. It is found out beforehand where:
    looking for it while it taps would be the phone's work. */
async function finger(phone) {
  const touch = await phone.context.newCDPSession(phone.page);
  let last = 0;
  return async (selector) => {
    const target = phone.page.locator(selector);
    await target.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await target.boundingBox();
    await pause(Math.max(0, last + TAP_EVERY_MS - performance.now()));
    last = performance.now();
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: x + width / 2, y: y + height / 2 }] });
    await pause(TOUCHES_MS);
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
}

/** In the core's worker: when each call came, and when it was answered. What a call has written is durable by then. */
function watchCore() {
  globalThis.came = {};
  globalThis.answered = {};
  addEventListener("message", ({ data, timeStamp }) => (globalThis.came[data?.id] = performance.timeOrigin + timeStamp));
  const post = globalThis.postMessage;
  globalThis.postMessage = (message, ...rest) => {
    if (message?.id) globalThis.answered[message.id] = performance.timeOrigin + performance.now();
    post.call(globalThis, message, ...rest);
  };
}

/** One phone, from installing it to the end of its visits. */
async function run(office) {
  // A profile of its own on the disk: in a private window a browser keeps its file system in memory.
  const profile = mkdtempSync(join(tmpdir(), "roundsman-profile-"));
  const phone = new Phone();
  phone.office = office;
  phone.context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM, args: ARGUMENTS, viewport: { width: 360, height: 760 }, hasTouch: true, isMobile: true, locale: "zh-CN",
  });
  phone.context.setDefaultTimeout(60_000);
  await phone.context.addInitScript(watch);
  phone.page = await phone.context.newPage();
  let release;
  try {
    await phone.page.goto(`${office.url}/app/#enrol=${office.code(PERSON)}`);
    await phone.page.locator("button[type=submit]").waitFor();
    await phone.installed();
    const fast = await calculates(phone.page);
    const factors = async () => {
      const slowed = await calculates(phone.page);
      return { page: slowed.page / fast.page, worker: slowed.worker / fast.worker };
    };
    release = slow(profile);
    const tried = await factors();
    await release();
    stopUs = Math.round(stopUs * ((FACTOR - 1) / (Math.min(tried.page, tried.worker) - 1)));
    release = slow(profile);
    const factor = await factors();

    const begun = await phone.page.evaluate(() => {
      globalThis.shown = globalThis.opened = 0;
      document.querySelector("button[type=submit]").click();
      return performance.now();
    });
    await phone.page.locator(".next .btn--primary").waitFor();
    const firstSync = (await phone.page.evaluate(() => globalThis.shown)) - begun;

    const starts = [];
    for (let i = 0; i < STARTS; i++) {
      await phone.reopen();
      await phone.page.locator(".next .btn--primary").waitFor();
      await phone.begun();
      starts.push(await phone.page.evaluate(() => ({ shown: globalThis.shown, opened: globalThis.opened })));
    }
    const core = phone.page.workers()[0];
    await core.evaluate(watchCore);
    const tap = await finger(phone);
    for (let visit = 0; visit < VISITS; visit++) {
      await tap(".next .btn--primary");
      await tap(".hubstep >> nth=0");
      for (let key = 0; key < KEYS; key++) {
        await tap(`.pad .key:text-is("${1 + (key % 9)}")`);
        if (key % 2 === 1) await tap(".pad .key--go");
      }
      await tap(".appbar button >> nth=0");
      await phone.page.locator(".hubstep.done").first().waitFor();
      await tap(".hubstep >> nth=1");
      await tap(".order .stepper button >> nth=1");
      await tap(".foot .btn");
      await phone.page.locator(".hubstep.done").nth(1).waitFor();
      await tap(".foot .btn");
      await phone.page.locator(".ring").first().waitFor();
    }
    const asked = await phone.page.evaluate(() => globalThis.asked);
    const { came, answered } = await core.evaluate(() => ({ came: globalThis.came, answered: globalThis.answered }));
    const taps = Object.entries(asked).flatMap(([id, { call, tapped, sent }]) => (id in answered ? { id, call, page: sent - tapped, ms: answered[id] - tapped } : []));
    if (words.includes("--each")) {
      let before = 0;
      for (const { id, call, page, ms } of taps.sort((a, b) => answered[a.id] - answered[b.id])) {
        // The core does one thing at a time: a call begins when it has come, and the one before is answered.
        const took = answered[id] - Math.max(came[id], before);
        before = answered[id];
        console.error(`${call.padEnd(12)} ${ms.toFixed(0).padStart(5)} ms since the tap: sent after ${page.toFixed(0)}, came ${(came[id] - asked[id].sent).toFixed(0)} later, the core took ${took.toFixed(0)}`);
      }
    }
    const of = (calls) => taps.filter((tap) => calls.includes(tap.call)).map((tap) => tap.ms);
    return { factor, firstSync, starts, keys: of(["put_draft"]), actions: of(["check_in", "count_stock", "plan_order", "check_out"]) };
  } finally {
    await release?.();
    await phone.context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const office = await Office.open();
try {
  const installed = await install(office);
  const all = [];
  for (let i = 0; i < runs; i++) all.push(await afresh(run));
  const each = (of) => all.map(of);
  const spread = (numbers) => ({ median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) });
  const starts = (what, of) => spread(each((one) => of(one.starts.map((start) => start[what]))));
  const result = {
    runs, install_bytes: installed,
    factor: { page: spread(each((one) => one.factor.page)), worker: spread(each((one) => one.factor.worker)) },
    first_sync_ms: spread(each((one) => one.firstSync)),
    cold_start_ms: starts("shown", median), cold_start_p95_ms: starts("shown", p95), open_ms: starts("opened", median), open_p95_ms: starts("opened", p95),
    key_ms: spread(each((one) => median(one.keys))), key_p95_ms: spread(each((one) => p95(one.keys))),
    action_ms: spread(each((one) => median(one.actions))), action_p95_ms: spread(each((one) => p95(one.actions))),
    keys: all[0].keys.length, actions: all[0].actions.length, starts: STARTS,
  };
  if (words.includes("--json")) console.log(JSON.stringify(result));
  else print(result);
} finally {
  await quit();
  await office.close();
}
process.exit(0);

function print(result) {
  const line = (what, { median: middle, min, max }, unit, budget = "") =>
    console.log(`${what.padEnd(52)} ${middle.toFixed(unit === "×" ? 2 : 0).padStart(7)} ${unit.padEnd(2)}  ${`${min.toFixed(unit === "×" ? 2 : 0)}–${max.toFixed(unit === "×" ? 2 : 0)}`.padStart(13)}  ${budget}`);
  console.log(`median of ${result.runs} runs, least and most`);
  line("slower, a loop in the page", result.factor.page, "×", "4");
  line("slower, a loop in a worker", result.factor.worker, "×", "4");
  line(`a key of a count, tap to durable, of ${result.keys}: median`, result.key_ms, "ms");
  line("  p95", result.key_p95_ms, "ms", "50");
  line(`an action, tap to durable, of ${result.actions}: median`, result.action_ms, "ms");
  line("  p95", result.action_p95_ms, "ms", "50");
  line(`cold start to today's stops, of ${result.starts}: median`, result.cold_start_ms, "ms", "1000");
  line("  p95", result.cold_start_p95_ms, "ms");
  line("  until the store is open too: median", result.open_ms, "ms");
  line("  p95", result.open_p95_ms, "ms");
  line("enrolment and first sync, to today's stops", result.first_sync_ms, "ms", "5000");
  console.log(`${"all that is downloaded to install, as it travels".padEnd(52)} ${String(result.install_bytes).padStart(7)} bytes             1200000`);
}
