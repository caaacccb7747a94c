// Drafts: every tap is kept as it is made; the step's action is written when the step is left. A draft that a dead app left
// behind is opened again, or becomes its action at check-out.

export type Numbers = Record<string, number>;

export const draftName = (step: "stock" | "order" | "note", visit: string) => `${step}/${visit}`;

/** What a draft holds; nothing if it can't be read. */
export function readDraft(content: string | null | undefined): Numbers | undefined {
  if (!content) return undefined;
  try {
    const read: unknown = JSON.parse(content);
    if (!read || typeof read !== "object") return undefined;
    return Object.fromEntries(Object.entries(read).filter((line): line is [string, number] => Number.isSafeInteger(line[1])));
  } catch {
    return undefined;
  }
}

/** The lines that differ from what the visit holds. */
export function changed(now: Numbers, before: Numbers): Record<string, number | null> {
  const lines: Record<string, number | null> = {};
  for (const [sku, n] of Object.entries(now)) if (before[sku] !== n) lines[sku] = n;
  for (const sku of Object.keys(before)) if (!(sku in now)) lines[sku] = null;
  return lines;
}
