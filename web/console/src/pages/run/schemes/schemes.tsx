// The schemes: every version, two beside each other, and one tried on a quarter before it is adopted.

import { get, type Schemas } from "../../../api/client.ts";
import { t } from "../../../state/lang.ts";
import { useLoad } from "../../../state/load.ts";
import { link } from "../../../state/route.ts";
import { Tabs } from "../../../ui/header.tsx";
import { Loads, StateBox } from "../../../ui/states.tsx";
import { ComparePage } from "./compare.tsx";
import { ReplayPage } from "./replay.tsx";
import { Versions } from "./versions.tsx";

export type Version = Schemas["SchemeRow"];

const PARTS = ["versions", "compare", "replay"] as const;

export function SchemesPage({ part: asked }: { part: string }) {
  const part = PARTS.find((one) => one === asked) ?? "versions";
  const schemes = useLoad("schemes", (signal) => get<Version[]>("/v1/schemes", {}, signal));
  return (
    <>
      <div class="tabsrow"><Tabs label={t("run.schemes")} tabs={PARTS.map((one) => [link("run", "schemes", one), t(`schemes.part.${one}`), one === part])} /></div>
      <Loads of={schemes}>
        {(versions) => versions.length === 0 ? <StateBox icon="score" head={t("schemes.none")} why={t("scores.noscheme.why")} />
          : part === "compare" ? <ComparePage versions={versions} />
          : part === "replay" ? <ReplayPage versions={versions} />
          : <Versions versions={versions} />}
      </Loads>
    </>
  );
}
