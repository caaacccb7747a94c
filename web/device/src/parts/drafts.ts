// Drafts: every tap is kept as it is made; the step's action is written when the step is left. A draft that a dead app left
// behind is opened again, or becomes its action at check-out.

export type Numbers = Record<string, number>;

export const draftName = (step: "stock" | "order" | "note", visit: string) => `${step}/${visit}`;

export type Changes = Record<string, number | null>;

/** What a draft holds: lines that were set, and lines that were taken back; nothing if it can't be read. */
export function readDraft(content: string | null | undefined): Changes | undefined {
  if (!content) return undefined;
  try {
    const read: unknown = JSON.parse(content);
    if (!read || typeof read !== "object") return undefined;
    return Object.fromEntries(Object.entries(read).filter((line): line is [string, number | null] => line[1] === null || Number.isSafeInteger(line[1])));
  } catch {
    return undefined;
  }
}

/** What a visit holds with a draft on top. What another phone has written since the draft was left stays. */
export function drafted(before: Numbers, draft: Changes | undefined): Numbers {
  const lines = Object.entries({ ...before, ...draft }).filter((line): line is [string, number] => line[1] !== null);
  return Object.fromEntries(lines);
}

/** The lines that differ from what the visit holds. */
export function changed(now: Numbers, before: Numbers): Changes {
  const lines: Changes = {};
  for (const [sku, n] of Object.entries(now)) if (before[sku] !== n) lines[sku] = n;
  for (const sku of Object.keys(before)) if (!(sku in now)) lines[sku] = null;
  return lines;
}
