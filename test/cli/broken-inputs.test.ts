import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BROKEN_CONFIGS } from "../config/broken-configs.ts";
import { BROKEN_TRACES } from "../load/broken-traces.ts";
import { type Ended, runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "broken-"));

/** What the user sees of a refusal: a message that has these words, no result, and no stack trace. */
function expectRefused(ended: Pick<Ended, "status" | "stdout" | "stderr">, words: readonly string[]): void {
  expect(ended).toMatchObject({ status: 2, stdout: "" });
  expect(ended.stderr).toMatch(/^error: /);
  for (const word of words) expect(ended.stderr).toContain(word);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
}

function fileOf(name: string, content: string | Uint8Array): string {
  const own = mkdtempSync(join(folder, "case-"));
  writeFileSync(join(own, name), content);
  return join(own, name);
}

function configFile(input: unknown): string {
  return fileOf("autoscaler.config.mjs", `export default ${JSON.stringify(input)};\n`);
}

/** `  path: words`, as it stands in the message. */
function placed(want: Readonly<Record<string, string>>): string[] {
  return Object.entries(want).flatMap(([path, words]) => (path ? [`  ${path}: `, words] : [words]));
}

describe("a broken trace is refused by the command", () => {
  test.each(Object.entries(BROKEN_TRACES))("%s", async (_, { bytes, file = "pods.csv", want }) => {
    const trace = fileOf(file, bytes);
    const ended = await runCommand(["simulate", "--trace", trace]);
    expectRefused(ended, [trace, ...want]);
    expect(ended.request).toBeNull();
  });

  test("a file that is not there", async () => {
    const trace = join(folder, "none.csv");
    expectRefused(await runCommand(["simulate", "--trace", trace]), [trace, "there is no such file"]);
  });
});

describe("a broken configuration is refused by the command", () => {
  test.each(Object.entries(BROKEN_CONFIGS))("%s", async (_, { input, want }) => {
    const ended = await runCommand(["simulate", "--config", configFile(input)]);
    expectRefused(ended, placed(want));
    expect(ended.request).toBeNull();
  });
});

describe("a file that is no configuration is refused by the command", () => {
  mkdirSync(join(folder, "folder.ts"), { recursive: true });

  test.each<[string, string, readonly string[]]>([
    ["a file that is not there", join(folder, "none.ts"), ["none.ts", "there is no such file"]],
    ["a directory", join(folder, "folder.ts"), ["folder.ts", "cannot be loaded"]],
    ["YAML", fileOf("autoscaler.yaml", "clusters: []"), ["is no module: give a file ending in .ts"]],
    ["no default export", fileOf("a.mjs", "export const clusters = [];"), ["exports nothing as default"]],
    ["a syntax error", fileOf("a.mjs", "export default {"), ["cannot be loaded"]],
    [
      "an error as it is loaded",
      fileOf("a.mjs", "throw new Error('no such team');"),
      ["cannot be loaded: no such team"],
    ],
    ["a thing that is no error", fileOf("a.mjs", "throw 'x';"), ["cannot be loaded: x"]],
    [
      "an import that is not there",
      fileOf("a.mjs", "import './none.mjs'; export default {};"),
      ["cannot be loaded"],
    ],
  ])("%s", async (_, file, words) => {
    expectRefused(await runCommand(["simulate", "--config", file]), words);
  });
});

describe("as a process of its own", () => {
  const command = join(import.meta.dirname, "../../packages/cli/src/main.ts");
  const inProcess = (...argv: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...argv], { encoding: "utf8" });
    return { status: status ?? -1, stdout, stderr };
  };

  test.each(["binary garbage", "a name twice", "many problems at once"])("a broken trace: %s", (name) => {
    const { bytes = new Uint8Array(), want = [] } = BROKEN_TRACES[name] ?? {};
    expectRefused(inProcess("simulate", "--json", "--trace", fileOf("pods.csv", bytes)), want);
  });

  test.each(["nothing at all", "several problems in several places"])(
    "a broken configuration: %s",
    (name) => {
      const { input, want = {} } = BROKEN_CONFIGS[name] ?? {};
      expectRefused(inProcess("simulate", "--config", configFile(input)), placed(want));
    },
  );

  test("a configuration in TypeScript with a mistake", () => {
    const source = 'const zones: string[] = [];\nexport default { clusters: [{ name: "a", zones }] };\n';
    const file = fileOf("autoscaler.config.ts", source);
    expectRefused(inProcess("simulate", "--config", file), [
      "clusters[0].zones: is empty",
      "clusters[0].region: is missing",
    ]);
  });

  test("an option that there is not", () => {
    expectRefused(inProcess("simulate", "--sede", "1"), ["unknown option '--sede'", "--seed"]);
  });
});
