/** The whole mall in one process and a browser before it: what the tests of the web shop share. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Mall, startMall } from '../../src/embedded/start-mall.ts';
import type { Settings } from '../../src/shared/settings.ts';
import { PATIENT } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';
import { buildWebShop, launchBrowser, newVisitor } from './browser.ts';
import { register } from './visitor.ts';

const STAFF = { email: 'staff@mall.example', password: 'only for this test' };

export interface Visit {
  /** To be closed at the end. */
  readonly context: BrowserContext;
  readonly page: Page;
}

export class WebScene implements AsyncDisposable {
  readonly mall: Mall;
  readonly #browser: Browser;

  private constructor(mall: Mall, browser: Browser) {
    this.mall = mall;
    this.#browser = browser;
  }

  static async start(settings: Partial<Settings> = {}): Promise<WebScene> {
    const webDirectory = buildWebShop();
    const browser = await launchBrowser();
    try {
      const mall = await startMall({
        logger: quietLogger,
        settings: { ...PATIENT, webDirectory, staffPassword: STAFF.password, ...settings },
      });
      await mall.ready();
      return new WebScene(mall, browser);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** Where the shop is. */
  get baseURL(): string {
    return this.mall.deps.urls.edge;
  }

  /** Somebody who is not signed in. */
  async visitor(language: 'en' | 'zh' = 'en'): Promise<Visit> {
    const context = await newVisitor(this.#browser, { baseURL: this.baseURL, language });
    return { context, page: await context.newPage() };
  }

  /** Somebody with a new account, signed in. */
  async customer(language: 'en' | 'zh' = 'en'): Promise<Visit> {
    const visit = await this.visitor(language);
    await register(visit.context);
    return visit;
  }

  /** The shop's own staff, signed in by the form. */
  async staff(): Promise<Visit> {
    const visit = await this.visitor();
    const { page } = visit;
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(STAFF.email);
    await page.getByLabel('Password').fill(STAFF.password);
    await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${this.baseURL}/`);
    return visit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.mall.stop();
  }
}
