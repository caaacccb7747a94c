// A question that has to be answered before one goes on.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "@roundsman/ui/icons";
import { t } from "../state/lang.ts";

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
