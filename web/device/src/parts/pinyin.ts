// Pinyin initials of names, by the order in which the browser sorts Chinese: no table of thousands of characters.

/** Made when somebody searches: a browser takes long to make it. */
let collator: Intl.Collator | undefined;
/** The first character of each initial in that order. */
const FIRST: readonly (readonly [string, string])[] = [
  ["阿", "a"], ["八", "b"], ["嚓", "c"], ["哒", "d"], ["妸", "e"], ["发", "f"], ["旮", "g"], ["哈", "h"], ["讥", "j"], ["咔", "k"], ["垃", "l"],
  ["妈", "m"], ["拏", "n"], ["噢", "o"], ["妑", "p"], ["七", "q"], ["呥", "r"], ["仨", "s"], ["他", "t"], ["屲", "w"], ["夕", "x"], ["丫", "y"], ["帀", "z"],
];

function initial(character: string): string {
  if (!/[\u4e00-\u9fff]/.test(character)) return character.toLowerCase();
  collator ??= new Intl.Collator("zh-Hans-CN-u-co-pinyin");
  let found = "";
  for (const [first, letter] of FIRST) {
    if (collator.compare(first, character) > 0) break;
    found = letter;
  }
  return found || character;
}

const known = new Map<string, string>();

export function initials(name: string): string {
  let made = known.get(name);
  if (made === undefined) {
    made = Array.from(name, initial).join("").replace(/[^a-z0-9]/g, "");
    known.set(name, made);
  }
  return made;
}

/** Whether a name is meant by what was typed: a part of it, or of its initials. */
export function matches(name: string, typed: string): boolean {
  const text = typed.trim().toLowerCase();
  return text === "" || name.toLowerCase().includes(text) || (/^[a-z0-9]+$/.test(text) && initials(name).includes(text));
}
