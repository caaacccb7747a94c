// What a supervisor sees while all devices return; `cargo xtask bench console` runs it and gives it, on its input, when each
// manager's work was acknowledged. Times are in ms, since 1970 where they are points in time.

import { createInterface } from "node:readline";
import { browse, signedIn } from "./stage.mjs";

const [url, login, password] = process.argv.slice(2);
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const browser = await browse();
const { page } = await signedIn(browser, { url }, login, { lang: "en", password });

// Opened anew, signed in already, as on any morning.
await page.addInitScript(() => {
  const seen = { longest: 0, rows: {}, totals: { text: "", at: 0 } };
  window.seen = seen;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => (seen.longest = Math.max(seen.longest, entry.duration)))).observe({ type: "longtask", buffered: true });
  const figures = (row) => [...row.cells].slice(3).map((cell) => cell.textContent).join("|");
  // Looked at after each frame: what is noted has been painted.
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    const rows = document.querySelectorAll("tr[data-person]");
    if (rows.length > 0) seen.shown ??= performance.now();
    for (const row of rows) {
      const text = figures(row);
      const before = seen.rows[row.dataset.person];
      if (before?.text !== text) seen.rows[row.dataset.person] = { text, at, changes: (before?.changes ?? -1) + 1 };
    }
    const foot = document.querySelector("table.board tfoot tr");
    if (foot && figures(foot) !== seen.totals.text) seen.totals = { text: figures(foot), at };
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
await page.goto(`${url}/console/?again#/today`);
await page.waitForSelector("tr[data-person]");
console.log("ready");

const { value } = await input.next();
const { acknowledged } = JSON.parse(value);
// Until a second has passed in which nothing changed any more.
await page.waitForFunction(() => performance.timeOrigin + performance.now() - Math.max(window.seen.totals.at, ...Object.values(window.seen.rows).map((row) => row.at)) > 1000);
const seen = await page.evaluate(() => ({ ...window.seen, paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime }));
const changed = Object.entries(seen.rows).filter(([, row]) => row.changes > 0);
console.log(JSON.stringify({
  updates_ms: changed.map(([person, row]) => row.at - acknowledged[person]),
  total_after_last_ms: seen.totals.at - Math.max(...Object.values(acknowledged)),
  longest_task_ms: seen.longest,
  first_paint_ms: seen.paint,
  board_shown_ms: seen.shown,
}));
await input.next();
await browser.close();
