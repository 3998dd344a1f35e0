/** The page on which a visitor pays, or does not. Plain HTML: it works without a script. */
import type { ProviderPayment } from './records.ts';

/** Languages of the page. */
export type PageLanguage = 'en' | 'zh';

interface PageText {
  readonly title: string;
  readonly bank: string;
  readonly amount: string;
  readonly reference: string;
  readonly pay: string;
  readonly decline: string;
  readonly back: string;
  readonly declined: string;
  readonly captured: string;
  readonly refunded: string;
  readonly demo: string;
}

const TEXTS: Readonly<Record<PageLanguage, PageText>> = {
  en: {
    title: 'Pay',
    bank: 'Lantern Bank',
    amount: 'Amount',
    reference: 'Reference',
    pay: 'Pay now',
    decline: 'Have it declined',
    back: 'Back to the shop',
    declined: 'The bank declined the payment. You can try again.',
    captured: 'This payment is made. Thank you.',
    refunded: 'This payment was made and given back.',
    demo: 'A demonstration: no money moves.',
  },
  zh: {
    title: '付款',
    bank: '灯笼银行',
    amount: '金额',
    reference: '参考号',
    pay: '立即付款',
    decline: '模拟拒付',
    back: '返回商店',
    declined: '银行拒绝了这笔付款，您可以重试。',
    captured: '付款已完成，谢谢。',
    refunded: '这笔付款已退回。',
    demo: '这是演示，不会发生真实扣款。',
  },
};

/** The language that a query or the browser asks for. */
export function pageLanguage(
  query: string | undefined,
  accepted: string | undefined,
): PageLanguage {
  if (query === 'en' || query === 'zh') return query;
  return /^\s*zh\b/i.test(accepted ?? '') ? 'zh' : 'en';
}

/** The page of one payment; `token` proves that the form came from it. */
export function paymentPage(
  payment: ProviderPayment,
  language: PageLanguage,
  token: string,
): string {
  const text = TEXTS[language];
  const other = language === 'en' ? 'zh' : 'en';
  const money = new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
    style: 'currency',
    currency: payment.currency,
  }).format(payment.amountCents / 100);
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text.title} · ${text.bank}</title>
<link rel="stylesheet" href="../assets/page.css">
</head>
<body>
<main>
<header>
<p class="bank">${text.bank}</p>
<a class="language" href="?lang=${other}" lang="${other === 'zh' ? 'zh-CN' : 'en'}">${
    other === 'zh' ? '中文' : 'English'
  }</a>
</header>
<h1>${escapeHtml(payment.description === '' ? text.title : payment.description)}</h1>
<dl>
<dt>${text.amount}</dt><dd class="amount">${escapeHtml(money)}</dd>
<dt>${text.reference}</dt><dd class="reference">${escapeHtml(payment.reference)}</dd>
</dl>
${stateLines(payment, text, token, language)}
<p><a class="back" href="${escapeHtml(payment.returnUrl)}">${text.back}</a></p>
<p class="demo">${text.demo}</p>
</main>
</body>
</html>
`;
}

function stateLines(
  payment: ProviderPayment,
  text: PageText,
  token: string,
  language: PageLanguage,
): string {
  if (payment.state !== 'open') {
    return `<p role="status" class="done">${text[payment.state]}</p>`;
  }
  const notice =
    payment.declined > 0 ? `<p role="alert" class="declined">${text.declined}</p>\n` : '';
  return `${notice}<form method="post" action="?lang=${language}">
<input type="hidden" name="token" value="${token}">
<button class="pay" name="decision" value="pay">${text.pay}</button>
<button class="decline" name="decision" value="decline">${text.decline}</button>
</form>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The style sheet of the page; of its own file, so that the page needs no inline styles. */
export const PAGE_STYLE = `:root {
  --paper: #f5f3ee; --card: #fff; --ink: #1d2430; --soft: #5b6472; --line: #dcd8ce;
  --accent: #14532d; --on-accent: #fff; --bad: #9f1239;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --card: #1b212a; --ink: #eceff4; --soft: #a3adbb; --line: #343d4a;
    --accent: #86efac; --on-accent: #0b2415; --bad: #fda4af;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
main {
  width: 100%; max-width: 26rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem;
}
header { display: flex; justify-content: space-between; align-items: baseline; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 1.5rem 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .5rem 1.5rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
p { margin: .75rem 0; }
a { color: var(--accent); }
.bank { font-weight: 700; margin: 0; color: var(--accent); }
.amount { font-size: 1.5rem; font-weight: 700; font-variant-numeric: tabular-nums; }
.reference { font-size: .85rem; color: var(--soft); }
form { display: grid; gap: .75rem; margin: 1.5rem 0; }
button {
  font: inherit; font-weight: 600; padding: .85rem 1rem; border-radius: .6rem; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: var(--ink);
}
.pay { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.declined { color: var(--bad); font-weight: 600; }
.done { font-weight: 600; }
.demo { color: var(--soft); font-size: .85rem; }
`;
