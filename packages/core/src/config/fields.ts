import * as z from "zod";
import { parseDuration } from "./duration.ts";
import { parseInstant } from "./instant.ts";
import { nearest } from "./nearest.ts";
import { shown } from "./problem.ts";

/** An object of the configuration. A key that it does not know is refused, with the nearest that it knows. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(key, known)).join("; ")
        : mustBe("an object")(issue),
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return `unknown key "${key}"${meant ? `: did you mean "${meant}"?` : `; the keys are ${known.join(", ")}`}`;
}

/** The message of a field that is missing or is not `what` it must be. */
export function mustBe(what: string) {
  return (issue: { readonly input?: unknown }): string =>
    issue.input === undefined ? `is missing: give ${what}` : `must be ${what}, not ${shown(issue.input)}`;
}

/** One of a few words; a mistyped one is answered with the nearest. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, why = "") {
  const list = words.map((word) => `"${word}"`).join(", ");
  return z.enum(words, {
    error: (issue) => {
      const meant = typeof issue.input === "string" ? nearest(issue.input, words) : null;
      const message = mustBe(words.length === 1 ? list : `one of ${list}`)(issue);
      return `${message}${meant ? `: did you mean "${meant}"?` : why}`;
    },
  });
}

/** "90s", "10m", "1h30m" → milliseconds. */
export function duration(least: "zero" | "above zero" = "zero") {
  const what = 'a duration such as "90s", "10m" or "1h30m"';
  const title = least === "zero" ? "duration" : "duration, above 0";
  return z
    .string({ error: mustBe(what) })
    .meta({ title })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null && (ms > 0 || least === "zero")) return ms;
      const message = ms === null ? mustBe(what)({ input: text }) : "must be longer than 0s";
      context.issues.push({ code: "custom", message, input: text });
      return z.NEVER;
    });
}

/** "2027-03-01T11:30:00Z" → epoch milliseconds. */
export function instant() {
  const what = 'an instant in UTC such as "2027-03-01T11:30:00Z"';
  const title = "instant in UTC, such as `2027-03-01T11:30:00Z`";
  return z
    .string({ error: mustBe(what) })
    .meta({ title })
    .transform((text, context) => {
      const ms = parseInstant(text);
      if (ms !== null) return ms;
      context.issues.push({ code: "custom", message: mustBe(what)({ input: text }), input: text });
      return z.NEVER;
    });
}

/** A whole number from `least` on. */
export function count(least: number) {
  const error = mustBe(`a whole number, ${least} or more`);
  return z.int({ error }).min(least, { error });
}

/** A part of one. */
export function share() {
  const error = mustBe("a number from 0 to 1");
  return z.number({ error }).min(0, { error }).max(1, { error });
}

/** A text that matches; `what` tells what it must be, with an example. */
export function text(pattern: RegExp, what: string) {
  const error = mustBe(what);
  return z.string({ error }).regex(pattern, { error });
}

/** A list with something in it. */
export function listOf<Item extends z.core.SomeType>(item: Item, what: string) {
  return z.array(item, { error: mustBe(what) }).min(1, { error: () => `is empty: give ${what}` });
}

/** A list that may be empty. */
export function anyListOf<Item extends z.core.SomeType>(item: Item, what: string) {
  return z.array(item, { error: mustBe(what) });
}
