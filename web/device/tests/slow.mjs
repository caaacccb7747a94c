// A slow phone: every process of the browser gets a quarter of the time. The browser's own throttle slows a page's thread and not
// its workers, where the core is; so the processes are stopped and let go, in turns of 6 ms and 2 ms. Only what this program started is touched.

import { readdirSync, readFileSync } from "node:fs";

const RUN_MS = 2;
const STOP_MS = 6;

function children(of) {
  const parents = new Map();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const found = [of];
  for (const known of found) for (const [child, parent] of parents) if (parent === known) found.push(child);
  return found;
}

const signal = (pids, name) => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
};

/** Slows a process and its children until the returned function is called. */
export function slow(pid) {
  let pids = children(pid);
  let timer;
  let turns = 0;
  let over = false;
  const run = () => {
    if (++turns % 50 === 0) pids = children(pid);
    signal(pids, "SIGCONT");
    timer = setTimeout(stop, RUN_MS);
  };
  const stop = () => {
    if (over) return;
    signal(pids, "SIGSTOP");
    timer = setTimeout(run, STOP_MS);
  };
  stop();
  return () => {
    over = true;
    clearTimeout(timer);
    signal(children(pid), "SIGCONT");
  };
}
