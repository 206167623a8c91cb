import * as z from "zod";

const NodeConfig = z.object({
  apiVersion: z.literal("node.eks.aws/v1alpha1"),
  kind: z.literal("NodeConfig"),
  spec: z.object({
    cluster: z.record(z.string(), z.string()),
    kubelet: z.object({
      config: z.object({ registerWithTaints: z.array(z.unknown()) }),
      flags: z.array(z.string()),
    }),
  }),
});

/** The one part of a MIME document, of nodeadm's type, that a launch template gives its instances. */
export function nodeConfigIn(userData: unknown) {
  const text = decoded(userData);
  const [, boundary = ""] =
    /^MIME-Version: 1\.0\nContent-Type: multipart\/mixed; boundary="([^"]+)"\n\n/.exec(text) ?? [];
  const [, part = "", end = ""] = text.split(`--${boundary}`);
  if (end.trim() !== "--") throw new RangeError(`no closed MIME document: ${text}`);
  const [head = "", ...body] = part.trim().split("\n\n");
  if (head !== "Content-Type: application/node.eks.aws")
    throw new RangeError(`no part of nodeadm's: ${head}`);
  const { cluster, kubelet } = NodeConfig.parse(JSON.parse(body.join("\n\n").replace(/^---\n/, ""))).spec;
  const [flag = "", ...others] = kubelet.flags;
  if (others.length > 0) throw new RangeError(`more flags than one: ${kubelet.flags.join(" ")}`);
  const labels = flag
    .replace("--node-labels=", "")
    .split(",")
    .map((label) => label.split("="));
  return { cluster, taints: kubelet.config.registerWithTaints, labels: Object.fromEntries(labels) };
}

/** Bottlerocket's settings, as far as labels and taints go. */
export function bottlerocket(userData: unknown) {
  const text = decoded(userData);
  const section = (name: string) =>
    (text.split(`[settings.kubernetes.${name}]\n`)[1] ?? "").split("\n\n")[0]?.split("\n").filter(Boolean) ??
    [];
  const pairs = (lines: readonly string[]) =>
    lines.map((line) => line.split(" = ").map((each): unknown => JSON.parse(each)));
  const taints = pairs(section("node-taints")).flatMap(([key, values]) =>
    z
      .array(z.string())
      .parse(values)
      .map((each) => ({ key, value: each.split(":")[0], effect: each.split(":")[1] })),
  );
  return { text, labels: Object.fromEntries(pairs(section("node-labels"))), taints };
}

function decoded(userData: unknown): string {
  return Buffer.from(z.base64().parse(userData), "base64").toString();
}
