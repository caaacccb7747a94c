// A question that has to be answered before one goes on.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { t } from "../state/lang.ts";
import { useSend } from "../state/send.ts";

export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} class="dialog rm" aria-label={props.title} onClose={props.onClose}>
      <header class="row">
        <h2 class="grow">{props.title}</h2>
        <button class="btn btn--quiet btn--icon" aria-label={t("do.close")} onClick={props.onClose}><Icon name="close" /></button>
      </header>
      {props.children}
    </dialog>
  );
}

/** Asks whether to do it; what it does is said on the button. */
export function Ask(props: { question: string; yes: string; busy?: boolean; onYes: () => void; onNo: () => void; children?: ComponentChildren }) {
  return (
    <Dialog title={props.question} onClose={props.onNo}>
      {props.children}
      <footer class="row end-row">
        <button class="btn" onClick={props.onNo}>{t("do.cancel")}</button>
        <button class="btn btn--primary" disabled={props.busy} onClick={props.onYes}>{props.yes}</button>
      </footer>
    </Dialog>
  );
}

interface AskSendProps {
  question: string;
  yes: string;
  /** There is something to fill in first. */
  unready?: boolean;
  send: () => Promise<unknown>;
  /** `changed`: it was done; or it failed, and what was shown may be old. */
  onClose: (changed: boolean) => void;
  children?: ComponentChildren;
}

/** As `Ask`, of what is sent to the server: it stays until that is done, and says why it isn't. */
export function AskSend(props: AskSendProps) {
  const { busy, fault, send } = useSend();
  return (
    <Ask question={props.question} yes={props.yes} busy={busy || !!props.unready} onYes={() => void send(props.send).then((done) => done && props.onClose(true))} onNo={() => props.onClose(fault !== "")}>
      {props.children}
      {fault && <p class="fault" role="alert">{fault}</p>}
    </Ask>
  );
}

/** As `AskSend`, of what needs a reason. */
export function AskReason(props: { question: string; yes: string; send: (reason: string) => Promise<unknown>; onClose: (changed: boolean) => void }) {
  const [reason, setReason] = useState("");
  return (
    <AskSend question={props.question} yes={props.yes} unready={!reason.trim()} send={() => props.send(reason)} onClose={props.onClose}>
      <label class="form">{t("restate.reason")}<textarea rows={3} value={reason} onInput={(event) => setReason(event.currentTarget.value)} /></label>
    </AskSend>
  );
}
