import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { escapeHtml, scriptSafeJson } from "./embed.ts";
import type { PageData } from "./page-data.ts";
import { pageScript } from "./page-script.ts";

/** The page's style sheets: later ones have the last word. */
const STYLES = ["base", "head", "charts", "decisions", "narrow"];

/** The page: data, styles, uPlot and the page's own script in one file. Decisions are in the order of the runs. */
export function reportPage(data: PageData, decisions: readonly string[]): string {
  const { resolve } = createRequire(import.meta.url);
  const uplot = (file: string) => readFileSync(resolve(`uplot/${file}`), "utf8").trim();
  const head = [
    `<title>${escapeHtml(data.runs[0]?.title ?? "GPU autoscaling simulation")}</title>`,
    // Else a browser asks for /favicon.ico where the page is served.
    '<link rel="icon" href="data:,">',
    `<!-- This page contains uPlot:\n${uplot("LICENSE")}\n-->`,
    `<style>${uplot("dist/uPlot.min.css")}\n${STYLES.map((name) => own(`page/${name}.css`)).join("\n")}</style>`,
  ];
  const scripts = [
    `<script type="application/json" id="data">${scriptSafeJson(data)}</script>`,
    // Base64 holds no character that ends a script element.
    ...decisions.map(
      (base64, at) => `<script type="application/gzip+base64" id="decisions-${at}">${base64}</script>`,
    ),
    `<script>${uplot("dist/uPlot.iife.min.js")}</script>`,
    `<script>${pageScript()}</script>`,
  ];
  return own("page/report.html")
    .replace("<!-- head -->", () => head.join("\n"))
    .replace("<!-- scripts -->", () => scripts.join("\n"));
}

function own(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8").trim();
}
