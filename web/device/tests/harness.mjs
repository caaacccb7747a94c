// Head office as its real program, phones as tabs of a real browser. Nothing here sleeps: it waits for what a user would see.

import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const need = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test-web\``);
  return value;
};
const PROGRAM = need("ROUNDSMAN");
const SEED = need("ROUNDSMAN_SEED");
export const PERSON = "m05";

export const ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

let browser;
export async function launch() {
  browser ??= await chromium.launch({ executablePath: need("CHROMIUM"), args: ARGUMENTS });
  return browser;
}
export async function quit() {
  await browser?.close();
  browser = undefined;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Head office with the example district and a past until yesterday. */
export class Office {
  static async open() {
    const office = new Office();
    office.folder = mkdtempSync(join(tmpdir(), "roundsman-"));
    cpSync(SEED, office.folder, { recursive: true });
    office.port = await freePort();
    await office.start();
    return office;
  }
  get url() {
    return `http://localhost:${this.port}`;
  }
  /** Until it says that it listens. */
  start() {
    return new Promise((resolve, reject) => {
      this.process = spawn(PROGRAM, ["serve", "--data", this.folder, "--listen", `127.0.0.1:${this.port}`], { stdio: ["ignore", "pipe", "ignore"] });
      this.process.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
      createInterface(this.process.stdout).on("line", (line) => line.includes("listens on") && resolve());
    });
  }
  async running() {
    if (this.process.exitCode !== null) await this.start();
  }
  stop() {
    return new Promise((resolve) => {
      this.process.removeAllListeners("exit");
      this.process.once("exit", resolve);
      this.process.kill("SIGTERM");
    });
  }
  run(...words) {
    return execFileSync(PROGRAM, [words[0], "--data", this.folder, ...words.slice(1)], { encoding: "utf8" });
  }
  json(...words) {
    return JSON.parse(this.run(...words, "--format", "json"));
  }
  code(person = PERSON) {
    return this.run("enrol", "--person", person).trim().split("\n").at(-1).split(",")[1];
  }
  async close() {
    if (this.process.exitCode === null) await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A phone: a browser profile of its own, 360 px wide, with a finger. */
export class Phone {
  static async make(office, { locale = "zh-CN", serviceWorkers = "allow", fix = true, scale = 1 } = {}) {
    const phone = new Phone();
    phone.office = office;
    phone.context = await (await launch()).newContext({
      viewport: { width: 360, height: 760 }, deviceScaleFactor: scale, hasTouch: true, isMobile: true, locale, serviceWorkers, acceptDownloads: true,
      ...(fix ? { geolocation: { latitude: 37.5, longitude: 121.2, accuracy: 24 }, permissions: ["geolocation"] } : {}),
    });
    phone.context.setDefaultTimeout(30_000);
    phone.page = await phone.context.newPage();
    return phone;
  }
  static async enrolled(office, options = {}) {
    const phone = await Phone.make(office, options);
    await phone.enrol(options.person);
    return phone;
  }
  async enrol(person = PERSON) {
    await this.page.goto(`${this.office.url}/app/#enrol=${this.office.code(person)}`);
    await this.page.locator("button[type=submit]").tap();
    await this.page.locator("nav.tabs").waitFor();
  }
  /** Until everything that a cold start needs is on the phone. */
  async installed() {
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller) await new Promise((ready) => navigator.serviceWorker.addEventListener("controllerchange", ready, { once: true }));
    });
  }
  /** The tab dies; a new one opens the app. */
  async reopen() {
    await this.page.close();
    this.page = await this.context.newPage();
    await this.page.goto(`${this.office.url}/app/`);
  }
  /** The same, with nothing reaching the core before the function that is returned is called. */
  async reopenHeld() {
    await this.page.close();
    this.page = await this.context.newPage();
    await this.page.addInitScript(() => {
      const post = Worker.prototype.postMessage;
      const held = [];
      Worker.prototype.postMessage = function (...message) {
        if (globalThis.openCore === undefined) post.apply(this, message);
        else held.push(() => post.apply(this, message));
      };
      globalThis.openCore = () => {
        globalThis.openCore = undefined;
        held.forEach((send) => send());
      };
    });
    await this.page.goto(`${this.office.url}/app/`);
    return () => this.page.evaluate(() => globalThis.openCore());
  }
  /** The screen goes dark, until today and tomorrow are kept for the next opening. */
  async putAway() {
    await this.page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await this.page.waitForFunction(() => JSON.parse(localStorage.getItem("roundsman.day.roundsman-1") ?? "{}").days?.length === 2);
  }
  /** Until the core is open, and the day is what it says. */
  async begun() {
    await this.page.locator("main:not([aria-busy]) .ring").waitFor();
  }
  async to(screen) {
    await this.page.evaluate((to) => {
      location.hash = `#/${to}`;
    }, screen);
  }
  async checkIn() {
    await this.page.locator(".next .btn--primary").tap();
    await this.page.locator(".hubstep").first().waitFor();
  }
  async step(name) {
    await this.page.locator(".hubstep").nth(["count", "order", "talk"].indexOf(name)).tap();
  }
  /** The phone's clock goes on by so many minutes, or is set wrong by them. */
  async later(minutes) {
    for (const worker of this.page.workers()) {
      await worker.evaluate((ms) => {
        const now = Date.now;
        Date.now = () => now() + ms;
      }, minutes * 60_000);
    }
  }
  async key(text) {
    await this.page.locator(".pad .key", { hasText: new RegExp(`^${text}$`) }).tap();
  }
  async next() {
    await this.page.locator(".pad .key--go").tap();
  }
  async back() {
    await this.page.locator(".appbar button").first().tap();
  }
  /** A visit as a manager makes it: a count of some SKUs, an order, check out. */
  async visit(counts = ["5", "12", "0"]) {
    await this.checkIn();
    await this.step("count");
    for (const count of counts) {
      for (const digit of count) await this.key(digit);
      await this.next();
    }
    await this.back();
    await this.page.locator(".hubstep.done").first().waitFor();
    await this.later(4);
    await this.checkOut();
  }
  async checkOut() {
    await this.page.locator(".foot .btn").tap();
    await this.page.locator(".ring").first().waitFor();
  }
  /** Syncs by hand, until the sentence says where the work is. */
  async sync() {
    await this.to("sync");
    await this.page.locator(".syncbig .btn").tap();
    await this.page.locator(".syncbig--safe").waitFor();
  }
  async text(selector) {
    return (await this.page.locator(selector).first().innerText()).replaceAll(/\s+/g, " ").trim();
  }
  async close() {
    await this.context.close();
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds against WCAG 2.2 AA, as lines. */
export async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations: found } = await globalThis.axe.run(document, { runOnly: { type: "tag", values: tags } });
    return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`.replaceAll(/\s+/g, " ")));
  });
}

/** What a thumb can't hit: operable, visible, and less than 48 px in a direction. */
export async function tooSmall(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, a[href], input:not([type=file]), textarea")].flatMap((element) => {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || element.closest(".sr")) return [];
      return box.height < 47.5 || box.width < 44 ? [`${element.tagName} ${element.className} ${Math.round(box.width)}×${Math.round(box.height)} ${element.textContent?.slice(0, 20)}`] : [];
    }),
  );
}
