// Which screen is shown.

import { Icon } from "@roundsman/ui/icons";
import { Notice, Whole } from "./parts/basics.tsx";
import { Count } from "./screens/count.tsx";
import { Enrol } from "./screens/enrol.tsx";
import { Missed } from "./screens/missed.tsx";
import { Order } from "./screens/order.tsx";
import { Locked, People } from "./screens/people.tsx";
import { Receipt } from "./screens/receipt.tsx";
import { Score } from "./screens/score.tsx";
import { Settings } from "./screens/settings.tsx";
import { Shop } from "./screens/shop.tsx";
import { Shops } from "./screens/shops.tsx";
import { Sync } from "./screens/sync.tsx";
import { Talk } from "./screens/talk.tsx";
import { Today } from "./screens/today.tsx";
import { Visit } from "./screens/visit.tsx";
import { WhatIfScreen } from "./screens/whatif.tsx";
import { WeekScreen } from "./screens/week.tsx";
import { takeHere } from "./start.ts";
import { lang, path, phase, t, trouble } from "./state.ts";

export function App() {
  // Texts are asked for again when the language changes.
  lang.value;
  return (
    <div class="phone">
      <Shown />
      <Notice />
    </div>
  );
}

function Shown() {
  switch (phase.value) {
    case "loading":
      return <main class="whole" aria-busy="true"><span class="sr">{t("app.loading")}</span></main>;
    case "unsupported":
      return (
        <Whole icon="warning" title={t("support.title")}>
          <p>{trouble.value === "https" ? t("support.secure") : t("support.which")}</p>
          {trouble.value !== "https" && <p class="small muted">{t("support.missing", { what: trouble.value })}</p>}
        </Whole>
      );
    case "install":
      return <Whole icon="phone" title={t("install.title")}><p>{t("install.how")}</p><p class="muted">{t("install.why")}</p></Whole>;
    case "elsewhere":
    case "taken":
      return (
        <Whole icon="phone" title={t(phase.value === "taken" ? "tabs.taken" : "tabs.title")}>
          <p>{t("tabs.what")}</p>
          <button type="button" class="btn btn--primary btn--wide" onClick={() => void takeHere()}>{t("tabs.take")}</button>
        </Whole>
      );
    case "revoked":
      return <Whole icon="lock" title={t("sync.revoked")}><p>{t("sync.revoked.what")}</p></Whole>;
    case "refused":
      return <Whole icon="refused" title={t("storage.refused")}><p>{t("storage.refused.what")}</p><p>{t("storage.refused.do")}</p></Whole>;
    case "broken":
      return (
        <Whole icon="warning" title={t("storage.broken")}>
          <p>{t("storage.broken.what")}</p>
          <p class="small muted">{trouble.value}</p>
          <button type="button" class="btn btn--wide" onClick={() => location.reload()}><Icon name="sync" />{t("app.retry")}</button>
        </Whole>
      );
    case "locked":
      return <Locked />;
    case "people":
      return <People />;
    case "enrol":
      return <Enrol />;
    case "ready":
      return <Ready />;
  }
}

function Ready() {
  const [screen, id = "", part = ""] = path.value;
  switch (screen) {
    case "visit":
      if (part === "count") return <Count key={id} visit={id} />;
      if (part === "order") return <Order key={id} visit={id} />;
      if (part === "talk") return <Talk key={id} visit={id} />;
      return <Visit key={id} visit={id} />;
    case "stop":
      return <Missed key={id} retailer={id} route={part} />;
    case "shops":
      return <Shops />;
    case "shop":
      return <Shop key={id} retailer={id} />;
    case "score":
      if (part === "what-if") return <WhatIfScreen month={id} />;
      return part ? <Receipt month={id} indicator={part} /> : <Score month={id || undefined} />;
    case "enrol":
      return <Enrol />;
    case "sync":
      return <Sync />;
    case "settings":
      return <Settings />;
    case "week":
      return <WeekScreen date={id || undefined} />;
    default:
      return <Today />;
  }
}
