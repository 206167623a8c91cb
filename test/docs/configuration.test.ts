import { parseConfig } from "@gpu-autoscaler/core";
import { describe, expect, test } from "vitest";
import { Config } from "../../packages/core/src/config/schema.ts";
import { fileText, section, tableRows } from "./pages.ts";

/** The parts of a JSON Schema that are looked at. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly required?: readonly string[];
  readonly items?: unknown;
  readonly default?: unknown;
}

interface Field {
  readonly path: string;
  readonly required: boolean;
  /** As the page writes it; null where the schema has none. */
  readonly byDefault: string | null;
}

/** The fields of an object and of the objects in it, as the page names them. */
function fieldsOf(schema: Schema, path = ""): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    typeof field === "boolean" ? [] : fieldAt(field, path + name, schema.required?.includes(name) ?? false),
  );
}

function fieldAt(field: Schema, path: string, required: boolean): Field[] {
  if (field.properties) return fieldsOf(field, `${path}.`);
  const own: Field = { path, required, byDefault: written(field.default) };
  // Clusters and pools have tables of their own.
  return [own, ...(path === "clusters" || path === "pools" ? [] : fieldsOf(itemOf(field), `${path}[].`))];
}

function itemOf({ items }: Schema): Schema {
  return typeof items === "object" && items !== null && !Array.isArray(items) ? items : {};
}

function written(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function schemaOf(schema: Schema, list: string): Schema {
  const field = schema.properties?.[list];
  return typeof field === "object" ? itemOf(field) : {};
}

const whole: Schema = Config.toJSONSchema({ io: "input", unrepresentable: "any" });
const cluster = schemaOf(whole, "clusters");
const pool = schemaOf(cluster, "pools");
const page = fileText("docs/configuration.md");

describe("docs/configuration.md has every field with its default", () => {
  test.each([
    ["The whole", whole],
    ["A cluster", cluster],
    ["A pool", pool],
  ])("%s", (heading, schema) => {
    const rows = tableRows(section(page, heading));
    const fields = fieldsOf(schema);
    expect(rows.map(([path]) => path).sort()).toEqual(fields.map(({ path }) => path).sort());
    const defaults = new Map(rows.map(([path, , byDefault]) => [path, byDefault]));
    for (const { path, required, byDefault } of fields) {
      if (required) expect(defaults.get(path), path).toMatch(/^required/);
      if (byDefault !== null) expect(defaults.get(path), path).toBe(byDefault);
    }
  });

  test("and the problems that it shows are those that such a configuration has", () => {
    const pools = [{ name: "l4", instanceTypes: ["g6.xlrge"], maxNode: 4, keepTime: "5 minutes" }];
    const input = {
      clusters: [{ name: "production", region: "us-east-1", zones: ["us-east-1a"], pools }],
    };
    let message = "";
    try {
      parseConfig(input);
    } catch (error) {
      message = String(error instanceof Error ? error.message : error);
    }
    expect(page).toContain(`error: ${message}`);
  });
});
