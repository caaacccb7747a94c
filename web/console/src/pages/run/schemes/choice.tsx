// Which scheme: a version that is stored, one of a file, or one changed on the spot. Nothing of it is stored.

import { useRef, useState } from "preact/hooks";
import type { SchemeRef } from "../../../api/schemes.ts";
import { t, titled } from "../../../state/lang.ts";
import type { Version } from "./schemes.tsx";

/** A scheme with what it is called here. */
export interface Chosen {
  of: SchemeRef;
  name: string;
}

export function nameOf(version: Version): string {
  const name = version.scheme ? `${titled(version.scheme.title)} ${version.scheme.id}` : "?";
  return `${name} · ${version.hash.slice(0, 8)}${version.in_force ? ` · ${t("schemes.inforce")}` : ""}`;
}

export function chosen(version: Version): Chosen {
  return { of: { hash: version.hash }, name: nameOf(version) };
}

export function SchemeChoice(props: { label: string; versions: readonly Version[]; value: Chosen; onChange: (chosen: Chosen) => void }) {
  const { versions, value, onChange } = props;
  const file = useRef<HTMLInputElement>(null);
  const hash = "hash" in value.of ? value.of.hash : "";
  const text = "text" in value.of ? value.of.text : (versions.find((version) => version.hash === hash)?.text ?? "");
  return (
    <div class="choice">
      <div class="row">
        <label class="grow">{props.label}
          <select value={hash} onChange={(event) => {
            const version = versions.find((one) => one.hash === event.currentTarget.value);
            if (version) onChange(chosen(version));
          }}>
            {!hash && <option value="">{value.name}</option>}
            {versions.map((version) => <option key={version.hash} value={version.hash}>{nameOf(version)}</option>)}
          </select>
        </label>
        <button class="btn sm" onClick={() => file.current?.click()}>{t("schemes.file")}</button>
        <input ref={file} type="file" accept=".toml" class="hidden" tabIndex={-1} aria-hidden="true" onChange={(event) => {
          const one = event.currentTarget.files?.[0];
          if (one) void one.text().then((text) => onChange({ of: { text }, name: one.name }));
          event.currentTarget.value = "";
        }} />
      </div>
      <Changed key={text} text={text} onUse={(text) => onChange({ of: { text }, name: t("schemes.changed") })} />
    </div>
  );
}

/** The file's text, to be changed and tried. */
function Changed({ text, onUse }: { text: string; onUse: (text: string) => void }) {
  const [draft, setDraft] = useState(text);
  return (
    <details>
      <summary>{t("schemes.edit")}</summary>
      <textarea class="file" rows={14} spellcheck={false} aria-label={t("schemes.text")} value={draft} onInput={(event) => setDraft(event.currentTarget.value)} />
      <p class="row end-row"><button class="btn sm" disabled={draft === text} onClick={() => onUse(draft)}>{t("schemes.use")}</button></p>
    </details>
  );
}
