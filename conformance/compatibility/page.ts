/** docs/compatibility.md: a table of kinds by client and server, from the outcomes of the tests. */
import { KINDS, type Kind } from './kinds.ts';
import { outcomesOf, PAIRINGS, type PairingName } from './outcomes.ts';

const HEAD = `# Compatibility

Every kind of message and of consumption, used by the official clients and by our SDK, against
Skylark and, for our SDK, against Apache RocketMQ 5.5.0. Written by \`npm run compatibility\` from
what the last run of the tests found. A cell says how many of the kind's scenarios passed; "–" means
that this client has no scenario of the kind, mostly because it does not have the kind. The
scenarios are in \`conformance/java\`, \`conformance/go\` and \`conformance/sdk\`; all of them run
in every test of the project, and those of Java and Go were proved against Apache RocketMQ 5.5.0
first. \`conformance/compatibility/kinds.ts\` says which belong to which kind.
`;

interface Column {
  readonly title: string;
  readonly client: 'java' | 'go' | 'sdk';
  readonly outcomes: ReadonlyMap<string, string>;
}

const names: readonly PairingName[] = [
  'java-4.9.8',
  'java-5.5.0',
  'go',
  'sdk-skylark',
  'sdk-apache',
];

export function renderPage(): string {
  const columns = names.map((name) => ({ ...PAIRINGS[name], outcomes: outcomesOf(name) }));
  const header = ['kind', ...columns.map((column) => column.title)];
  const rows = KINDS.map((kind) => [kind.title, ...columns.map((column) => cell(kind, column))]);
  const lines = [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return `${[HEAD, ...lines, '', ...failures(columns)].join('\n').trimEnd()}\n`;
}

function cell(kind: Kind, { client, outcomes }: Column): string {
  const wanted = kind.scenarios[client] ?? [];
  const ran = wanted.filter((name) => outcomes.has(name));
  if (ran.length === 0) return '–';
  const passed = ran.filter((name) => outcomes.get(name) === '');
  return `${passed.length === ran.length ? 'pass' : 'FAIL'} ${passed.length}/${ran.length}`;
}

function failures(columns: readonly Column[]): string[] {
  const lines = columns.flatMap(({ title, outcomes }) =>
    [...outcomes].flatMap(([name, error]) =>
      error === '' ? [] : [`- ${title}, ${name}: ${error.split('\n')[0]}`],
    ),
  );
  return lines.length === 0 ? [] : ['Failures:', '', ...lines];
}
