// Enrolment: a code, typed or scanned; then the first sync. The only step that needs signal.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { enrol, sync } from "../core/client.ts";
import { canScan, scan } from "../parts/scan.ts";
import { people } from "../people.ts";
import { enrolled } from "../start.ts";
import { go as goTo, lang, phase, sentence, setLang, syncNow, t } from "../state.ts";

/** A code out of a link, or as it is. */
export function codeIn(text: string): string {
  return (/#enrol=([^&\s]+)/.exec(text)?.[1] ?? text).trim().toLowerCase();
}

/** What staff see in the list of devices. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const model = /Android [\d.]+; ([^;)]+)/.exec(agent)?.[1] ?? /(iPhone|iPad)/.exec(agent)?.[1] ?? "browser";
  return `${model} ${new Date().toISOString().slice(0, 10)}`.slice(0, 60);
}

export function Enrol() {
  const [code, setCode] = useState(() => (location.hash.startsWith("#enrol=") ? codeIn(location.hash) : ""));
  const [step, setStep] = useState<"code" | "scan" | "enrol" | "first">("code");
  const [error, setError] = useState("");

  const go = async (with_: string) => {
    setError("");
    setStep("enrol");
    try {
      await enrol(with_, deviceName());
      goTo("today", true);
      if (phase.value === "ready") {
        await syncNow(true);
        return;
      }
      setStep("first");
      await sync(() => undefined);
      await enrolled();
    } catch (fault) {
      setError(sentence(fault));
      setStep("code");
    }
  };

  if (step === "scan") {
    return <Scan found={(text) => { setCode(codeIn(text)); void go(codeIn(text)); }} failed={() => { setError(t("enrol.noCamera")); setStep("code"); }} cancel={() => setStep("code")} />;
  }
  if (step !== "code") {
    return (
      <main class="whole turning" aria-busy="true">
        <Icon name="sync" size="l" />
        <h1 class="title">{t(step === "enrol" ? "enrol.going" : "enrol.first")}</h1>
      </main>
    );
  }
  return (
    <main class="whole">
      <h1 class="title">{t("enrol.title")}</h1>
      <p class="muted">{t("enrol.what")}</p>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); if (code.trim()) void go(codeIn(code)); }}>
        <label class="field">
          <span>{t("enrol.code")}</span>
          <input class="input input--code" name="code" value={code} onInput={(event) => setCode(event.currentTarget.value)}
            autocomplete="off" autocapitalize="none" spellcheck={false} enterkeyhint="go" />
        </label>
        {error && <p class="lost" role="alert">{error}</p>}
        <button type="submit" class="btn btn--primary btn--wide" disabled={!code.trim()}>{t("enrol.go")}</button>
      </form>
      {canScan() && <button type="button" class="btn btn--wide" onClick={() => setStep("scan")}><Icon name="scan" />{t("enrol.scan")}</button>}
      <p class="small muted">{t("enrol.will")} {t("enrol.online")}</p>
      {phase.value === "ready" && <button type="button" class="btn btn--wide" onClick={() => goTo("today", true)}>{t("app.cancel")}</button>}
      {phase.value === "enrol" && people().length > 1 && <button type="button" class="btn btn--wide" onClick={() => (phase.value = "people")}>{t("people.switch")}</button>}
      <button type="button" class="btn btn--quiet" lang={lang.value === "zh" ? "en" : "zh-CN"} onClick={() => setLang(lang.value === "zh" ? "en" : "zh")}>
        {lang.value === "zh" ? "English" : "简体中文"}
      </button>
    </main>
  );
}

export function Scan({ found, failed, cancel }: { found: (text: string) => void; failed: () => void; cancel: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    if (video.current) {
      scan(video.current, stop.signal).then((text) => text !== undefined && found(text), failed);
    }
    return () => stop.abort();
  }, []);
  return (
    <main class="whole">
      <h1 class="title">{t("enrol.scanning")}</h1>
      <div class="scanbox"><video ref={video} muted playsInline /></div>
      <button type="button" class="btn btn--wide" onClick={cancel}>{t("app.cancel")}</button>
    </main>
  );
}
