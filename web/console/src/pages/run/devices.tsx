// Devices: who has which, when it was heard of, how its clock goes; enrol one, revoke one.

import { useMemo, useState } from "preact/hooks";
import { renderSVG } from "uqr";
import { Icon } from "@roundsman/ui/icons";
import { get, post, type Schemas } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { useSend } from "../../state/send.ts";
import { may } from "../../state/session.ts";
import { Chip, lasting, when } from "../../ui/bits.tsx";
import { AskSend, Dialog } from "../../ui/dialog.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";

type Device = Schemas["DeviceRow"];
type Person = Schemas["PersonRow"];

/** A clock that is off by more than this is said to be. */
const SKEW_MS = 60_000;

export function DevicesPage() {
  const all = useLoad("devices", async (signal) => {
    const [devices, people] = await Promise.all([get<Device[]>("/v1/devices", {}, signal), get<Person[]>("/v1/people", {}, signal)]);
    return { devices, people };
  });
  const [asked, setAsked] = useState<Device>();
  const [enrolling, setEnrolling] = useState(false);
  const rules = may("admin", "supervisor");
  return (
    <Loads of={all}>
      {({ devices, people }) => {
        const name = (id: string) => people.find((person) => person.person_id === id)?.name ?? id;
        return (
          <section class="card one" aria-label={t("run.devices")}>
            <div class="row sech"><h2 class="grow">{t("run.devices")}</h2><TakeAway path="/v1/tables/devices" />
              {rules && <button class="btn btn--primary" onClick={() => setEnrolling(true)}>{t("devices.enrol")}</button>}</div>
            {devices.length === 0 ? <StateBox icon="phone" head={t("devices.none")} why={t("devices.none.why")} /> : (
              <Table
                label={t("run.devices")}
                rows={devices}
                id={(device) => device.device}
                columns={[
                  { key: "person", head: t("col.person"), cell: (device) => <b>{name(device.person)}</b>, by: (device) => name(device.person) },
                  { key: "name", head: t("devices.name"), cell: (device) => <>{device.name} <code class="small muted">{device.device.slice(0, 8)}</code></>, by: (device) => device.name },
                  { key: "enrolled", head: t("devices.enrolled"), cell: (device) => when(device.enrolled_ms), by: (device) => device.enrolled_ms },
                  { key: "seen", head: t("devices.seen"), cell: (device) => (device.last_sync_ms == null ? "–" : when(device.last_sync_ms)), by: (device) => device.last_sync_ms ?? 0 },
                  { key: "complete", head: t("devices.complete"), cell: (device) => (device.complete_ms == null ? "–" : when(device.complete_ms)), by: (device) => device.complete_ms ?? 0 },
                  { key: "skew", head: t("devices.skew"), cell: (device) => <Skew ms={device.skew_ms} />, by: (device) => Math.abs(device.skew_ms ?? 0) },
                  { key: "app", head: t("schemes.version"), cell: (device) => device.app ?? "–", by: (device) => device.app ?? "" },
                  { key: "state", head: t("devices.state"), cell: (device) => <State device={device} />, by: (device) => device.revoked_ms ?? 0 },
                  { key: "do", head: "", cell: (device) => rules && device.revoked_ms == null && <button class="btn sm btn--danger" onClick={() => setAsked(device)}>{t("devices.revoke")}</button> },
                ]}
              />
            )}
            {asked && (
              <AskSend question={t("devices.revoke")} yes={t("devices.revoke")} send={() => post(`/v1/devices/${asked.device}/revoke`)} onClose={(changed) => { setAsked(undefined); if (changed) all.again(); }}>
                <p>{t("devices.revoke.sure", { device: `${name(asked.person)} · ${asked.name}` })}</p>
              </AskSend>
            )}
            {enrolling && <Enrol people={people.filter((person) => person.role === "manager")} onClose={() => { setEnrolling(false); all.again(); }} />}
          </section>
        );
      }}
    </Loads>
  );
}

function Skew({ ms }: { ms: number | null | undefined }) {
  if (ms == null) return <span class="dim">–</span>;
  if (Math.abs(ms) <= SKEW_MS) return <span class="muted">{t("devices.skew.ok")}</span>;
  return <Chip kind="flag" icon="clock">{t(ms > 0 ? "devices.skew.ahead" : "devices.skew.behind", { t: lasting(Math.abs(ms)) })}</Chip>;
}

function State({ device }: { device: Device }) {
  return (
    <span class="chips">
      {device.revoked_ms != null ? <Chip kind="plain" icon="lock">{t("devices.revoked", { when: when(device.revoked_ms) })}</Chip> : <Chip kind="safe" icon="check">{t("devices.active")}</Chip>}
      {device.held_back > 0 && <Chip kind="out" icon="refused">{device.held_back} {t("devices.held")}</Chip>}
    </span>
  );
}

const CODE_DAYS = 30;

function Enrol({ people, onClose }: { people: Person[]; onClose: () => void }) {
  const [person, setPerson] = useState(people[0]?.person_id ?? "");
  const [code, setCode] = useState("");
  const { busy, fault, send } = useSend();
  const make = () => send(async () => setCode((await post<Schemas["CodeRow"][]>("/v1/codes", { person }))[0]?.code ?? ""));
  const address = `${location.origin}/app/`;
  return (
    <Dialog title={t("devices.enrol")} onClose={onClose}>
      <label class="row">{t("devices.enrol.for")}
        <select value={person} onChange={(event) => { setPerson(event.currentTarget.value); setCode(""); }}>
          {people.map((one) => <option key={one.person_id} value={one.person_id}>{one.name} ({one.person_id})</option>)}
        </select>
      </label>
      {fault && <p class="fault" role="alert">{fault}</p>}
      {code ? (
        <div class="enrol">
          <Qr text={`${address}#enrol=${encodeURIComponent(code)}`} />
          <div><p class="small muted">{t("devices.enrol.how", { n: CODE_DAYS })}</p><p><code>{address}</code></p><p class="n n--title"><code data-testid="code">{code}</code></p></div>
        </div>
      ) : <button class="btn btn--primary" disabled={!person || busy} onClick={() => void make()}><Icon name="scan" size="s" />{t("devices.enrol.make")}</button>}
    </Dialog>
  );
}

function Qr({ text }: { text: string }) {
  const svg = useMemo(() => `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 2 }))}`, [text]);
  return <img src={svg} width="220" height="220" alt={text} class="qr" />;
}
