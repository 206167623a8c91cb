/**
 * Whether EventBridge would take an event by a pattern. Exact values only: a pattern with an operator
 * throws, so that no test passes by a rule that is not modelled.
 *
 * Source: EventBridge User Guide, "Event patterns": each field of the pattern must be in the event,
 * with one of the values listed; an array in the event matches by any of its elements.
 */
export function matches(pattern: unknown, event: unknown): boolean {
  return Object.entries(fieldsOf(pattern, "a pattern")).every(([key, wanted]) => {
    const value = isFields(event) ? event[key] : undefined;
    if (!Array.isArray(wanted)) return isFields(value) && matches(wanted, value);
    const operator = wanted.find((each) => typeof each === "object");
    if (operator)
      throw new RangeError(`the operator ${JSON.stringify(operator)} of "${key}" is not modelled`);
    return Array.isArray(value) ? value.some((each) => wanted.includes(each)) : wanted.includes(value);
  });
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown, what: string): Fields {
  if (isFields(value)) return value;
  throw new TypeError(`${what} is an object, not ${JSON.stringify(value)}`);
}
