/** Writes what `parseYaml` reads, in block form. */
import type { YamlMap, YamlValue } from './yaml.ts';

export function writeYaml(map: YamlMap): string {
  return `${mapLines(map, '').join('\n')}\n`;
}

function mapLines(map: YamlMap, indent: string): string[] {
  return [...map].flatMap(([key, value]) => {
    const name = `${indent}${text(key)}:`;
    if (value === null) return [name];
    if (typeof value === 'string') return [`${name} ${text(value)}`];
    if (isList(value)) {
      return value.length === 0 ? [`${name} []`] : [name, ...listLines(value, indent)];
    }
    return value.size === 0 ? [`${name} {}`] : [name, ...mapLines(value, `${indent}  `)];
  });
}

function listLines(list: readonly YamlValue[], indent: string): string[] {
  return list.flatMap((value) => {
    if (value === null) return [`${indent}-`];
    if (typeof value === 'string') return [`${indent}- ${text(value)}`];
    if (isList(value)) {
      return value.length === 0
        ? [`${indent}- []`]
        : [`${indent}-`, ...listLines(value, `${indent}  `)];
    }
    if (value.size === 0) return [`${indent}- {}`];
    const [first = '', ...rest] = mapLines(value, `${indent}  `);
    return [`${indent}- ${first.trimStart()}`, ...rest];
  });
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

/** Plain where nobody can take it for something else. */
function text(value: string): string {
  const isPlain = /^[A-Za-z0-9_./%*][A-Za-z0-9_./%*=|@+ -]*$/.test(value);
  const isSpecial = value === 'null' || value.startsWith('*') || value.startsWith('%');
  if (isPlain && !isSpecial && !value.endsWith(' ')) return value;
  return `"${value.replace(/[\\"\n\t\r\0]/g, (char) => ESCAPES.get(char) ?? char)}"`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['\0', '\\0'],
]);
