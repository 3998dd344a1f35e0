/** Lines of a YAML text that say something, and values within one line. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

export interface YamlLine {
  /** From 1. */
  readonly number: number;
  readonly indent: number;
  /** Without indentation, comment and spaces at the end. */
  readonly text: string;
}

export function yamlError(line: number, reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, `line ${line}: ${reason}`);
}

/** Lists and maps in brackets may go over several lines: they are joined to one. */
export function yamlLines(text: string): readonly YamlLine[] {
  const lines: YamlLine[] = [];
  let open: { number: number; indent: number; text: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const number = index + 1;
    const content = withoutComment(raw, number).trimEnd();
    const trimmed = content.trimStart();
    if (trimmed === '' || trimmed === '---' || trimmed.startsWith('%YAML')) continue;
    if (open === undefined) {
      const lead = content.slice(0, content.length - trimmed.length);
      if (lead.includes('\t')) throw yamlError(number, 'indent with spaces, not with tabs');
      open = { number, indent: lead.length, text: trimmed };
    } else open.text += ` ${trimmed}`;
    if (depthOf(open.text) > 0) continue;
    lines.push(open);
    open = undefined;
  }
  if (open !== undefined) throw yamlError(open.number, 'a bracket is never closed');
  return lines;
}

/** A `#` begins a comment at the start of a line or behind a space, outside of quotes. */
function withoutComment(line: string, number: number): string {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    if (quote !== '') {
      if (char === '\\' && quote === '"') at++;
      else if (char === quote) quote = '';
    } else if ((char === '"' || char === "'") && beginsValue(line, at)) quote = char;
    else if (char === '#' && (at === 0 || /\s/.test(line[at - 1] ?? ''))) return line.slice(0, at);
  }
  if (quote !== '') throw yamlError(number, `the quote ${quote} is never closed`);
  return line;
}

/** Whether what stands before is not a part of the value. */
function beginsValue(line: string, at: number): boolean {
  const before = line.slice(0, at).trimEnd();
  return before === '' || /[-:,[{]$/.test(before);
}

/** Brackets that are open behind the text; only where a value begins with one. */
function depthOf(text: string): number {
  const value = text.replace(/^(- +)*([^\s:"'[{]+: +)?/, '');
  if (!value.startsWith('[') && !value.startsWith('{')) return 0;
  let depth = 0;
  let quote = '';
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    if (quote !== '') {
      if (char === '\\' && quote === '"') at++;
      else if (char === quote) quote = '';
    } else if ((char === '"' || char === "'") && beginsValue(value, at)) quote = char;
    else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
  }
  return depth;
}
