/** What a cell of a trace says, or what is wrong with it. */
export type Cell<T> = { readonly value: T } | { readonly problem: string };

/** Reads one cell; it is not empty. */
export type CellReader<T> = (text: string) => Cell<T>;

/** A number within bounds, in the column's unit. `decimals` allows a fraction. */
function number(least: number, most: number, decimals: boolean): CellReader<number> {
  const pattern = decimals ? /^\d+(\.\d+)?$/ : /^\d+(\.0+)?$/;
  const kind = decimals ? "a number such as 90 or 90.5" : "a whole number";
  return (text) => {
    const quoted = JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}…` : text);
    if (/^-\d/.test(text)) return { problem: `${quoted} is negative` };
    if (!pattern.test(text)) return { problem: `${quoted} is not ${kind}` };
    const value = Number(text);
    if (value < least) return { problem: `${quoted} is below ${least}` };
    if (value > most) return { problem: `${quoted} is above ${most}` };
    return { value };
  };
}

export function wholeNumber(least: number, most: number): CellReader<number> {
  return number(least, most, false);
}

/** Seconds with or without decimals, as whole milliseconds. */
export function seconds(most: number, zero: "zero allowed" | "above zero"): CellReader<number> {
  const read = number(0, most, true);
  return (text) => {
    const cell = read(text);
    if ("problem" in cell) return cell;
    const ms = Math.round(cell.value * 1_000);
    return ms > 0 || zero === "zero allowed" ? { value: ms } : { problem: `"${text}" is no time at all` };
  };
}

/** A name without spaces, slashes and control characters. */
export function name(most: number): CellReader<string> {
  return (text) => {
    if (text.length > most) return { problem: `is longer than ${most} characters` };
    return /^[^\s/\p{Cc}]+$/u.test(text)
      ? { value: text }
      : { problem: `${JSON.stringify(text)} is no name: spaces and slashes are not allowed` };
  };
}

export function oneOf<const Word extends string>(words: readonly Word[]): CellReader<Word> {
  return (text) => {
    const value = words.find((word) => word === text);
    return value === undefined ? { problem: `"${text}" is none of ${words.join(", ")}` } : { value };
  };
}

/** Names joined by "|", in lower case. */
export function alternatives(text: string): Cell<readonly string[]> {
  const names = text
    .toLowerCase()
    .split("|")
    .map((model) => model.trim());
  return names.every((model) => /^[\w.+-]+( [\w.+-]+)*$/.test(model))
    ? { value: names }
    : { problem: `${JSON.stringify(text)} is not one model, or models joined by "|"` };
}
