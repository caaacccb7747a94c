// Import: drop, check, then one button. Nothing changes before that.

import { useRef, useState } from "preact/hooks";
import { grouped } from "@roundsman/ui/format";
import { Icon } from "@roundsman/ui/icons";
import { asProblem, postTwoWays, Problem, type Schemas } from "../../api/client.ts";
import { t } from "../../state/lang.ts";
import { load } from "../../state/session.ts";
import { ProblemBox } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";

type Report = Schemas["ImportReport"];
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** What was dropped: a folder's files, or one workbook. */
type Dropped = { name: string; files: Record<string, string> } | { name: string; workbook: Blob };
/** Files that are no UTF-8: what stands in them is not known, and is not guessed. */
type Unreadable = { name: string; unreadable: readonly string[] };
type State =
  | { at: "empty"; nothing?: boolean }
  | { at: "busy" }
  | { at: "unreadable"; dropped: Unreadable }
  | { at: "problem"; problem: Problem; dropped: Dropped }
  | { at: "checked" | "done"; dropped: Dropped; report: Report; sound: boolean };

async function send(dropped: Dropped, replace: readonly string[], dryRun: boolean) {
  if ("workbook" in dropped) {
    return postTwoWays<Report>(`/v1/import/workbook?dry_run=${dryRun}&replace=${encodeURIComponent(replace.join(","))}`, dropped.workbook);
  }
  return postTwoWays<Report>("/v1/import", { files: dropped.files, replace, dry_run: dryRun });
}

/** A file's text; none: it is no UTF-8, as a plain CSV of a Chinese Excel is not. */
async function textOf(file: File): Promise<string | undefined> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function ofFiles(name: string, files: readonly File[]): Promise<Dropped | Unreadable | undefined> {
  const workbook = files.find((file) => file.name.toLowerCase().endsWith(".xlsx"));
  if (workbook) return { name: workbook.name, workbook: new Blob([await workbook.arrayBuffer()], { type: XLSX }) };
  const texts = files.filter((file) => /\.(csv|toml)$/i.test(file.name) && file.name !== "field-log.csv");
  if (texts.length === 0) return undefined;
  const read: Record<string, string> = {};
  const unreadable: string[] = [];
  for (const file of texts) {
    const text = await textOf(file);
    if (text === undefined) unreadable.push(file.name);
    else read[file.name] = text;
  }
  return unreadable.length > 0 ? { name, unreadable } : { name, files: read };
}

/** The files that lie directly in what was dropped; a folder's own folders are not the district's. */
async function ofDrop(data: DataTransfer): Promise<Dropped | Unreadable | undefined> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files: File[] = [];
  let name = entries[0]?.name ?? "";
  for (const entry of entries) {
    if (entry.isFile) files.push(await fileOf(entry as FileSystemFileEntry));
    else {
      name = entry.name;
      const children = await childrenOf(entry as FileSystemDirectoryEntry);
      for (const child of children) if (child.isFile) files.push(await fileOf(child as FileSystemFileEntry));
    }
  }
  return ofFiles(name, files);
}

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject));

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

export function ImportPage() {
  const [state, setState] = useState<State>({ at: "empty" });
  const [over, setOver] = useState(false);
  const [replace, setReplace] = useState<readonly string[]>([]);

  async function run(dropped: Dropped | Unreadable | undefined, dryRun: boolean, whole: readonly string[]) {
    if (!dropped) return setState({ at: "empty", nothing: true });
    if ("unreadable" in dropped) return setState({ at: "unreadable", dropped });
    setState({ at: "busy" });
    try {
      const { accepted, answer } = await send(dropped, whole, dryRun);
      setState({ at: dryRun ? "checked" : "done", dropped, report: answer, sound: accepted });
      // The district's name or zone may be new.
      if (accepted && !dryRun) void load();
    } catch (fault) {
      setState({ at: "problem", dropped, problem: asProblem(fault) });
    }
  }
  const take = (dropped: Promise<Dropped | Unreadable | undefined>) => {
    setReplace([]);
    setState({ at: "busy" });
    void dropped.then((dropped) => run(dropped, true, []));
  };
  if (state.at === "busy") return <section class="card one drop"><p role="status" class="head">{t("import.checking")}</p></section>;
  if (state.at === "problem") return <ProblemBox problem={state.problem} again={() => void run(state.dropped, true, replace)} />;
  if (state.at === "empty") {
    return (
      <section
        class={over ? "card one drop drop--over" : "card one drop"}
        aria-label={t("run.import")}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (event.dataTransfer) take(ofDrop(event.dataTransfer));
        }}
      >
        <Icon name="upload" size="l" />
        <p class="head">{t("import.drop")}</p>
        <p class="muted">{t("import.drop.why")}</p>
        {state.nothing && <p class="fault" role="alert">{t("import.nothing")}</p>}
        <p class="row"><Choose folder onFiles={(files) => take(ofFiles(files[0]?.webkitRelativePath.split("/")[0] ?? "", files))} /><Choose onFiles={(files) => take(ofFiles("", files))} /></p>
      </section>
    );
  }
  const again = () => setState({ at: "empty" });
  if (state.at === "unreadable") return <NotUtf8 {...state.dropped} onAgain={again} />;
  return <Checked state={state} replace={replace} onReplace={(whole) => { setReplace(whole); void run(state.dropped, true, whole); }} onGo={() => void run(state.dropped, false, replace)} onAgain={again} />;
}

function Choose({ folder, onFiles }: { folder?: boolean; onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button class="btn" onClick={() => input.current?.click()}>{t(folder ? "import.choose.folder" : "import.choose.files")}</button>
      <input
        ref={(element) => {
          input.current = element;
          if (folder) element?.setAttribute("webkitdirectory", "");
        }}
        type="file" class="hidden" tabIndex={-1} aria-hidden="true" multiple data-testid={folder ? "folder" : "files"}
        onChange={(event) => onFiles([...(event.currentTarget.files ?? [])])}
      />
    </>
  );
}

/** Nothing of what was dropped is sent then, not even to be checked. */
function NotUtf8({ name, unreadable, onAgain }: Unreadable & { onAgain: () => void }) {
  const head = t("import.faults", { n: grouped(unreadable.length) });
  return (
    <section class="card one" aria-label={t("run.import")}>
      <div class="row sech">
        <h2 class="grow"><Icon name="refused" /> {head} <small class="muted">{name}</small></h2>
        <button class="btn sm" onClick={onAgain}>{t("import.again")}</button>
      </div>
      <Table
        label={head}
        rows={unreadable}
        id={(file) => file}
        columns={[
          { key: "file", head: t("import.file"), cell: (file) => <b>{file}</b>, by: (file) => file },
          { key: "what", head: t("import.what"), cell: () => <span class="wrap">{t("import.encoding")}</span> },
        ]}
      />
    </section>
  );
}

function Checked(props: { state: Extract<State, { report: Report }>; replace: readonly string[]; onReplace: (whole: readonly string[]) => void; onGo: () => void; onAgain: () => void }) {
  const { state: { at, report, sound, dropped }, replace } = props;
  const done = at === "done" && sound;
  return (
    <section class="card one" aria-label={t("run.import")}>
      <div class="row sech">
        <h2 class="grow"><Icon name={sound ? "check" : "refused"} /> {done ? t("import.done") : sound ? t("import.sound") : t("import.faults", { n: grouped(report.faults_found) })} <small class="muted">{dropped.name}</small></h2>
        <button class="btn sm" onClick={props.onAgain}>{t("import.again")}</button>
        {sound && !done && <button class="btn btn--primary" onClick={props.onGo}>{t("import.go")}</button>}
      </div>
      {!sound && (
        <>
          {report.faults.length < report.faults_found && <p class="small muted inset">{t("import.faults.more", { n: report.faults.length })}</p>}
          <Table
            label={t("import.faults", { n: report.faults_found })}
            rows={report.faults.map((fault, n) => ({ ...fault, n }))}
            id={(fault) => String(fault.n)}
            columns={[
              { key: "file", head: t("import.file"), cell: (fault) => <b>{fault.file}</b>, by: (fault) => fault.file },
              { key: "line", head: t("import.line"), number: true, cell: (fault) => fault.line ?? "–", by: (fault) => fault.line ?? 0 },
              { key: "column", head: t("import.column"), cell: (fault) => fault.column ?? "–", by: (fault) => fault.column ?? "" },
              { key: "value", head: t("import.value"), cell: (fault) => <code>{fault.value}</code> },
              { key: "what", head: t("import.what"), cell: (fault) => <span class="wrap" lang="en">{fault.what}</span> },
            ]}
          />
        </>
      )}
      {sound && (
        <Table
          label={t("import.sound")}
          rows={report.files.filter((file) => file.rows > 0 || file.removed > 0)}
          id={(file) => file.file}
          columns={[
            { key: "file", head: t("import.file"), cell: (file) => <b>{file.file}</b>, by: (file) => file.file },
            { key: "rows", head: t("import.rows"), number: true, cell: (file) => grouped(file.rows), by: (file) => file.rows },
            { key: "added", head: t("import.added"), number: true, cell: (file) => grouped(file.added), by: (file) => file.added },
            { key: "changed", head: t("import.changed"), number: true, cell: (file) => grouped(file.changed), by: (file) => file.changed },
            { key: "unchanged", head: t("import.unchanged"), number: true, cell: (file) => grouped(file.unchanged), by: (file) => file.unchanged },
            { key: "removed", head: t("import.removed"), number: true, cell: (file) => (file.removed > 0 ? <b class="fault-text">{grouped(file.removed)}</b> : "0"), by: (file) => file.removed },
            ...(done ? [] : [{
              key: "replace", head: t("import.replace"),
              cell: (file: Schemas["ImportFile"]) => file.file.endsWith(".csv") && (
                <input type="checkbox" aria-label={`${file.file}: ${t("import.replace")}`} checked={replace.includes(file.file)}
                  onChange={(event) => props.onReplace(event.currentTarget.checked ? [...replace, file.file] : replace.filter((one) => one !== file.file))} />
              ),
            }]),
          ]}
        />
      )}
      {report.warnings.length > 0 && (
        <details class="inset" open={report.warnings.length < 6}><summary>{t("import.warnings")} ({report.warnings.length})</summary>
          <ul lang="en">{report.warnings.map((warning) => <li key={warning} class="small">{warning}</li>)}</ul></details>
      )}
    </section>
  );
}
