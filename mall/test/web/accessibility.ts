/** Looks for what keeps people out: axe-core, at the levels A and AA of WCAG 2.2. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const OPTIONS = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  resultTypes: ['violations'],
};

/** Runs in the page: a line for each violation and place. */
const RUN = `axe.run(document, ${JSON.stringify(OPTIONS)}).then(({ violations }) =>
  violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => [id, help, node.html, node.failureSummary].join(' | '))))`;

/** What is wrong on the page as it is: the rule, and where. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // The page's security policy forbids foreign scripts; the debugger's way in is not subject to it.
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(RUN);
  return Array.isArray(found) ? found.map(String) : [String(found)];
}
