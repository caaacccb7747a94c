// `cargo xtask bench phone`: the budgets of the phone, on a processor four times as slow. Figures, not tests.

import { spawn } from "node:child_process";
import { readdirSync, statSync, existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { Office, Phone, use } from "./harness.mjs";
import { slow } from "./slow.mjs";

const STARTS = 7;
const TAPS = 60;

const office = await Office.open();
// Started by hand, so that its process is known.
const profile = join(office.folder, "browser");
const process_ = spawn(process.env.CHROMIUM, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--no-first-run", "--remote-debugging-port=0", `--user-data-dir=${profile}`], { stdio: ["ignore", "ignore", "pipe"] });
const endpoint = await new Promise((resolve) => {
  let said = "";
  process_.stderr.on("data", (bytes) => {
    said += bytes;
    const found = /DevTools listening on (\S+)/.exec(said);
    if (found) resolve(found[1]);
  });
});
use(await chromium.connectOverCDP(endpoint));

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const p95 = (numbers) => [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length * 0.95) - 1];
const line = (what, value, budget) => console.log(`${what.padEnd(66)} ${String(value).padStart(12)}   ${budget}`);
const work = (page) => page.evaluate(() => {
  const begun = performance.now();
  for (let i = 0, x = 0; i < 5e7; i++) x += i;
  return performance.now() - begun;
});

try {
  const phone = await Phone.make(office);
  await phone.page.goto(`${office.url}/app/#enrol=${office.code()}`);
  await phone.page.locator("button[type=submit]").waitFor();
  await phone.installed();
  const fast = median([await work(phone.page), await work(phone.page), await work(phone.page)]);
  const fasten = slow(process_.pid);
  const slowed = median([await work(phone.page), await work(phone.page), await work(phone.page)]);
  line("processor slowed down, measured in a loop", `${(slowed / fast).toFixed(1)}×`, "4×");

  const begun = performance.now();
  await phone.page.locator("button[type=submit]").tap();
  await phone.page.locator("nav.tabs").waitFor();
  line("enrolment and first sync, to today's stops", `${((performance.now() - begun) / 1000).toFixed(2)} s`, "5 s (with a manager-year)");

  const starts = [];
  for (let i = 0; i < STARTS; i++) {
    await phone.page.close();
    phone.page = await phone.context.newPage();
    await phone.page.addInitScript(() => {
      new MutationObserver(() => {
        if (!globalThis.shown && document.querySelector(".next .btn--primary")) globalThis.shown = performance.now();
      }).observe(document, { subtree: true, childList: true });
    });
    await phone.page.goto(`${office.url}/app/`);
    await phone.page.locator(".next .btn--primary").waitFor();
    starts.push(await phone.page.evaluate(() => globalThis.shown));
  }
  line(`cold start to today's stops, median of ${STARTS}`, `${Math.round(median(starts))} ms`, "1000 ms (with a manager-year)");

  await phone.checkIn();
  await phone.step("count");
  await phone.page.locator(".pad").waitFor();
  // Durable is when the file system has said that the last write is there.
  await phone.page.workers()[0].evaluate(() => {
    const flush = FileSystemSyncAccessHandle.prototype.flush;
    globalThis.flushed = 0;
    FileSystemSyncAccessHandle.prototype.flush = function () {
      flush.call(this);
      globalThis.flushed = performance.timeOrigin + performance.now();
    };
  });
  await phone.page.evaluate(() => addEventListener("pointerdown", (event) => (globalThis.tapped = performance.timeOrigin + event.timeStamp), { capture: true }));
  const taps = [];
  for (let i = 0; i < TAPS; i++) {
    const before = await phone.page.workers()[0].evaluate(() => globalThis.flushed);
    await phone.key(String(1 + (i % 9)));
    if (i % 3 === 2) await phone.next();
    // Whatever was tapped is answered before the next call is: so the last flush is the tap's.
    await phone.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const [tapped, flushed] = [await phone.page.evaluate(() => globalThis.tapped), await phone.page.workers()[0].evaluate(() => globalThis.flushed)];
    if (flushed > before && flushed > tapped && i % 3 !== 2) taps.push(flushed - tapped);
  }
  line(`a key of the count, from tap to durable, of ${taps.length}`, `${Math.round(median(taps))}, ${Math.round(p95(taps))} ms`, "median, p95; 50 ms p95");
  await phone.page.evaluate(() => (globalThis.tapped = 0));
  await phone.back();
  await phone.page.locator(".hubstep.done").first().waitFor();
  const [tapped, flushed] = [await phone.page.evaluate(() => globalThis.tapped), await phone.page.workers()[0].evaluate(() => globalThis.flushed)];
  line("the count written as its action, from tap to durable", `${Math.round(flushed - tapped)} ms`, "50 ms p95");
  fasten();

  const dist = join(process.cwd(), "dist");
  let bytes = 0;
  for (const entry of readdirSync(dist, { recursive: true })) {
    const path = join(dist, entry);
    if (!statSync(path).isFile() || path.endsWith(".br")) continue;
    bytes += statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
  }
  line("all that is downloaded to install, compressed", `${Math.round(bytes / 1000)} kB`, "1200 kB");

  await office.stop();
  await phone.reopen();
  await phone.page.locator("nav.tabs").waitFor();
  const manifest = await phone.page.evaluate(() => document.querySelector("link[rel=manifest]")?.getAttribute("href"));
  line("installable and controlled; opens with the server gone", manifest ? "yes" : "no", "yes");
} finally {
  process_.kill("SIGCONT");
  process_.kill("SIGTERM");
  await office.close();
}
process.exit(0);
