import { nearest } from "../../config/nearest.ts";
import { compareText } from "../../model/text.ts";

/** The known names that a mistyped one most likely stands for, the likeliest first: those of its last part, then those spelt alike. */
export function nearestNames(name: string, known: ReadonlySet<string>, most = 3): readonly string[] {
  const lastPart = (each: string) => each.slice(each.lastIndexOf("/") + 1);
  const sorted = [...known].sort(compareText);
  const found = sorted.filter((each) => lastPart(each) === lastPart(name)).slice(0, most);
  const others = new Set(sorted);
  for (const each of found) others.delete(each);
  while (found.length < most) {
    const next = nearest(name, [...others]);
    if (next === null) break;
    others.delete(next);
    found.push(next);
  }
  return found;
}
