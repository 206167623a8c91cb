import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** A page that is open, and what it did that it should not have. */
export interface OpenedPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, dialogs. */
  readonly complaints: readonly string[];
  /** Every URL that was asked for, the page's own apart. */
  readonly requests: readonly string[];
}

/** Opens a page, without a network, and waits for its decisions. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ offline: true, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  page.on("dialog", async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  context.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) requests.push(request.url());
  });
  await page.goto(url);
  await page.locator("#found").filter({ hasText: /\d/ }).waitFor();
  return { page, complaints, requests };
}

/** Of each canvas of the page by its figure: how many colours it shows, and a digest of its picture. */
export function pictures(page: Page): Promise<Record<string, { colours: number; digest: number }>> {
  return page.evaluate(() => {
    const all: Record<string, { colours: number; digest: number }> = {};
    for (const canvas of document.querySelectorAll("canvas")) {
      const { width, height } = canvas;
      // Read from a copy: reading slows down the canvas itself, of which Chromium warns.
      const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      copy?.drawImage(canvas, 0, 0);
      const data = copy?.getImageData(0, 0, width, height).data ?? [];
      const colours = new Set<number>();
      let digest = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (!data[at + 3]) continue;
        const colour = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
        colours.add(colour);
        digest = (digest * 31 + colour + at) | 0;
      }
      all[canvas.closest("figure")?.id ?? ""] = { colours: colours.size, digest };
    }
    return all;
  });
}

/** How far the page is wider than its window, in CSS pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/**
 * Texts whose contrast with what is behind them is below WCAG 2.2's 4.5 : 1, or 3 : 1 where they are
 * large. What cannot be used for now is exempt.
 */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    if (!canvas) throw new Error("no canvas");
    const paint = (colour: string) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    };
    const luminance = () => {
      const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrastOf = (element: Element) => {
      const above: Element[] = [];
      for (let at: Element | null = element; at; at = at.parentElement) above.unshift(at);
      paint("white");
      for (const each of above) paint(getComputedStyle(each).backgroundColor);
      const ground = luminance();
      paint(getComputedStyle(element).color);
      const text = luminance();
      return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
    };
    const faint = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.textContent?.trim() || !element.checkVisibility()) continue;
      if (element.closest("script, style, noscript, .unseen, :disabled, option")) continue;
      const { fontSize, fontWeight } = getComputedStyle(element);
      const size = Number.parseFloat(fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
      const contrast = contrastOf(element);
      if (contrast < (isLarge ? 3 : 4.5)) faint.add(`${node.textContent.trim()}: ${contrast.toFixed(2)}`);
    }
    return [...faint];
  });
}
