/** The configuration file that `--config` names, for every command that has one. */
import { resolve } from 'node:path';
import { type Logger, realFileSystem } from '@skylarkmq/base';
import { type ConfigFindings, checkConfig, parseConfigFile } from '../cli/check-config.ts';
import type { CommandInput } from '../cli/command.ts';
import type { Flags } from '../cli/flags.ts';
import { readSmallFile } from '../compose/text-file.ts';

/** Undefined when none is named. Throws with the file's path when it is missing or wrong. */
export function readConfigFile<Config extends ConfigFindings>(
  flags: Flags,
  { workingDirectory }: CommandInput,
  logger: Logger,
  parse: (text: string, ignoreUnknown: boolean) => Config,
): { readonly path: string; readonly config: Config } | undefined {
  const given = flags.text('config');
  if (given === undefined) return undefined;
  const path = resolve(workingDirectory, given);
  const text = readSmallFile(realFileSystem, path).toString('latin1');
  const ignoreUnknown = flags.has('ignore-unknown-keys');
  const config = parseConfigFile(path, () => parse(text, ignoreUnknown));
  checkConfig(path, config, logger);
  return { path, config };
}
