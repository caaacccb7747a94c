// What is sent by a button: whether it is under way, and why it failed.

import { useState } from "preact/hooks";
import { sayProblem } from "../api/client.ts";

export interface Sending {
  busy: boolean;
  /** Why the last attempt failed, in words; "": it did not. */
  fault: string;
  /** Sends, and answers whether it succeeded. */
  send: (what: () => Promise<unknown>) => Promise<boolean>;
}

export function useSend(): Sending {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  async function send(what: () => Promise<unknown>) {
    setBusy(true);
    try {
      await what();
      setFault("");
      return true;
    } catch (problem) {
      setFault(sayProblem(problem));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, fault, send };
}
