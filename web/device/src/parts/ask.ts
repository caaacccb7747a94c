// Asking the core, for a screen.

import { useEffect, useState } from "preact/hooks";
import { call } from "../core/client.ts";
import type { Calls } from "../core/types.ts";
import { sentence, version } from "../state.ts";

interface Asked<A> { key?: string; answer?: A; error?: string }

/** What is known already, while nothing has changed since. */
let known: { key: string; seen: number; answer: unknown } | undefined;

const keyOf = (name: string, values: unknown) => JSON.stringify([name, values]);

/** Somebody else has asked: the screen that comes first need not ask again. */
export function told<C extends keyof Calls>(name: C, values: Calls[C][0], answer: Calls[C][1]): void {
  known = { key: keyOf(name, values), seen: version.value, answer };
}

/** Asks the core, and again whenever something was done or arrived. The last answer stays while the next is on its way. */
export function useAsk<C extends keyof Calls>(name: C, values: Calls[C][0]): { answer: Calls[C][1] | undefined; error: string | undefined } {
  const key = keyOf(name, values);
  const seen = version.value;
  const fresh = known?.key === key && known.seen === seen ? (known.answer as Calls[C][1]) : undefined;
  const [state, setState] = useState<Asked<Calls[C][1]>>(fresh === undefined ? {} : { key, answer: fresh });
  useEffect(() => {
    if (fresh !== undefined) {
      setState((old) => (old.answer === fresh ? old : { key, answer: fresh }));
      return;
    }
    let current = true;
    call(name, values).then(
      (answer) => current && setState({ answer, key }),
      (fault: unknown) => current && setState({ error: sentence(fault), key }),
    );
    return () => {
      current = false;
    };
  }, [key, seen]);
  const fits = state.key === key;
  return { answer: fresh ?? (fits ? state.answer : undefined), error: fits ? state.error : undefined };
}
