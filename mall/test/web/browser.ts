/** A real browser for the tests of the web shop: Debian's chromium, driven by playwright-core. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { PATIENCE_MS } from '../patience.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
function findBrowser(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The reason to skip a suite; false where there is a browser, or CI, which must have one. */
export function skipWithoutBrowser(): string | false {
  if (process.env['CI'] === 'true' || findBrowser() !== undefined) return false;
  return 'not installed: chromium';
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('There is no chromium in the PATH');
  // In containers the tests run as root, for whom the browser has no sandbox.
  return await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    timeout: PATIENCE_MS,
  });
}

export interface ContextOptions {
  readonly baseURL: string;
  readonly language?: 'en' | 'zh';
}

/** A visitor: cookies and storage of their own, and no animations to wait for. */
export async function newVisitor(
  browser: Browser,
  { baseURL, language = 'en' }: ContextOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

/** Builds the web shop, if it is not there as its sources are. */
export function buildWebShop(): string {
  const root = join(import.meta.dirname, '../../..');
  const script = join(root, 'scripts/mall-web.mjs');
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
  return join(root, 'mall/web/dist');
}
