/**
 * Flags of a command: declared once, for parsing and for `--help`. A flag that nobody knows is
 * refused with the one that is most like it.
 */
import { parseArgs } from 'node:util';
import { MqError, MqErrorCode, nearestName } from '@skylarkmq/base';

export interface Flag {
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What stands for its value in the help; absent: it has none. */
  readonly value?: string;
  readonly help: string;
}

const HELP: Flag = { name: 'help', short: 'h', help: 'this text' };
const PORT_MAX = 65_535;

/** The flags that were given. All readers throw INVALID_ARGUMENT naming the flag. */
export class Flags {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === '') throw invalidFlag(name, value, 'a text that is not empty');
    return value;
  }

  integer(name: string, min: number, max: number): number | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw invalidFlag(name, text, `an integer from ${min} to ${max}`);
  }

  /** 0 means any free port. */
  port(name: string): number | undefined {
    return this.integer(name, 0, PORT_MAX);
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    const chosen = choices.find((choice) => choice === text);
    if (chosen !== undefined) return chosen;
    throw invalidFlag(name, text, choices.join(' or '));
  }
}

/** Reads arguments; `help` is known to every command. INVALID_ARGUMENT for anything else. */
export function parseFlags(args: readonly string[], flags: readonly Flag[]): Flags {
  const known = [...flags, HELP];
  const options = Object.fromEntries(known.map((flag) => [flag.name, optionOf(flag)]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') throw invalid(`Nothing is expected at ${token.value}`);
    if (token.kind !== 'option') continue;
    const flag = known.find((one) => one.name === token.name);
    if (flag === undefined) throw unknownFlag(token.rawName, known);
    if (flag.value === undefined && token.value !== undefined) {
      throw invalid(`${token.rawName} has no value, not ${JSON.stringify(token.value)}`);
    }
    // `--data --json` would take the next flag for a directory.
    const isMissing = token.value === undefined || (!token.inlineValue && isFlag(token.value));
    if (flag.value !== undefined && isMissing) {
      throw invalid(`${token.rawName} needs a value: ${token.rawName} ${flag.value}`);
    }
    values.set(flag.name, token.value ?? 'true');
  }
  return new Flags(values);
}

/** The text of `--help`: the usage, what the command does, and its flags. */
export function helpText(usage: string, about: string, flags: readonly Flag[]): string {
  const rows = [...flags, HELP].map((flag): [string, string] => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    const value = flag.value === undefined ? '' : ` ${flag.value}`;
    return [`  ${short}--${flag.name}${value}`, flag.help];
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(([left, right]) => `${left.padEnd(width)}${right}`);
  return `Usage: ${usage}\n\n${about}\n\n${lines.join('\n')}\n`;
}

function optionOf(flag: Flag): { type: 'string' | 'boolean'; short?: string } {
  const type = flag.value === undefined ? 'boolean' : 'string';
  return flag.short === undefined ? { type } : { type, short: flag.short };
}

function isFlag(text: string): boolean {
  return text.startsWith('--');
}

function unknownFlag(rawName: string, flags: readonly Flag[]): MqError {
  const names = flags.map((flag) => `--${flag.name}`);
  const nearest = nearestName(rawName, names);
  const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
  return invalid(`There is no flag ${rawName}${hint}`);
}

function invalidFlag(name: string, value: string, wanted: string): MqError {
  return invalid(`--${name} must be ${wanted}, not ${JSON.stringify(value)}`);
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
