import { useState } from "preact/hooks";
import { grouped } from "@roundsman/ui/format";
import { get, post, type Schemas } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { useSend } from "../../state/send.ts";
import { when } from "../../ui/bits.tsx";
import { Loads, StateBox } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";

type Backup = Schemas["BackupRow"];

export function BackupsPage() {
  const backups = useLoad("backups", (signal) => get<Backup[]>("/v1/backups", {}, signal));
  const { busy, fault, send } = useSend();
  const [done, setDone] = useState(false);
  async function make() {
    setDone(false);
    setDone(await send(() => post<Backup>("/v1/backups")));
    backups.again();
  }
  return (
    <Loads of={backups}>
      {(backups) => (
        <section class="card one" aria-label={t("run.backups")}>
          <div class="row sech"><h2 class="grow">{t("run.backups")}</h2><button class="btn btn--primary" disabled={busy} onClick={() => void make()}>{t("backups.make")}</button></div>
          {done && <p class="banner banner--safe" role="status">{t("backups.done")}</p>}
          {fault && <p class="fault" role="alert">{fault}</p>}
          {backups.length === 0 ? <StateBox icon="box" head={t("backups.none")} why={t("backups.none.why")} /> : (
            <Table
              label={t("run.backups")}
              rows={backups}
              id={(backup) => backup.name}
              columns={[
                { key: "when", head: t("backups.when"), cell: (backup) => <b>{when(backup.made_ms)}</b>, by: (backup) => backup.made_ms },
                { key: "name", head: t("backups.name"), cell: (backup) => <code>{backup.name}</code>, by: (backup) => backup.name },
                { key: "size", head: t("backups.size"), number: true, cell: (backup) => `${grouped(Math.ceil(backup.bytes / 1024))} KiB`, by: (backup) => backup.bytes },
              ]}
            />
          )}
        </section>
      )}
    </Loads>
  );
}
