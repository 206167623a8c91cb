import { HOSTNAME_LABEL } from "../model/keys.ts";
import type { NodeState } from "./node-space.ts";

/**
 * The values that nodes have under one label, numbered from 1; 0 is a node without the label.
 * Each node's value is looked up once; from then on domains are places in an array, which is many
 * times faster than looking up labels and their values.
 */
export interface LabelColumn {
  readonly key: string;
  readonly index: number;
  readonly numbers: Map<string, number>;
  /** The last number that was given. */
  last: number;
}

export class LabelColumns {
  readonly #byKey = new Map<string, LabelColumn>();

  of(key: string): LabelColumn {
    let column = this.#byKey.get(key);
    if (column === undefined) {
      column = { key, index: this.#byKey.size, numbers: new Map(), last: 0 };
      this.#byKey.set(key, column);
    }
    return column;
  }

  /** Of a copy, sets right the value of its name, which no other node has. */
  rename({ values }: NodeState): void {
    const column = this.#byKey.get(HOSTNAME_LABEL);
    if (column !== undefined && values[column.index] !== undefined) values[column.index] = ++column.last;
  }
}

export function valueOn(column: LabelColumn, node: NodeState): number {
  return node.values[column.index] ?? numberValue(column, node);
}

function numberValue(column: LabelColumn, { spec, values }: NodeState): number {
  const value = spec.labels[column.key];
  const number = typeof value === "string" ? numberIn(column, value) : 0;
  values[column.index] = number;
  return number;
}

function numberIn(column: LabelColumn, value: string): number {
  let number = column.numbers.get(value);
  if (number === undefined) {
    number = ++column.last;
    column.numbers.set(value, number);
  }
  return number;
}

/** Numbers things from 0 in the order in which they first come. */
export function numberOf<Thing>(numbers: Map<Thing, number>, thing: Thing): number {
  let number = numbers.get(thing);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(thing, number);
  }
  return number;
}
