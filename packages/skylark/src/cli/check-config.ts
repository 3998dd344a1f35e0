/** What is said about a configuration file: problems end the start, unused keys are warnings. */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';

export interface ConfigFindings {
  /** Keys that Apache knows and we have no use for, and unknown ones that are to be ignored. */
  readonly unused: readonly string[];
  readonly problems: readonly string[];
}

/** More are counted, not told: the file is something else than a configuration. */
const PROBLEMS_MAX = 20;

/** Parses the text of a configuration file; an error says which file it is. */
export function parseConfigFile<Config>(path: string, parse: () => Config): Config {
  try {
    return parse();
  } catch (error) {
    const { code, message } = MqError.from(error);
    throw new MqError(code, `${path}: ${message}`, { cause: error });
  }
}

/** INVALID_ARGUMENT with all problems in one line. */
export function checkConfig(path: string, findings: ConfigFindings, logger: Logger): void {
  const { unused, problems } = findings;
  if (problems.length > 0) {
    const told = problems.slice(0, PROBLEMS_MAX).join('; ');
    const rest = problems.length - PROBLEMS_MAX;
    const more = rest > 0 ? `; and ${rest} more` : '';
    throw new MqError(MqErrorCode.InvalidArgument, `${path}: ${told}${more}`);
  }
  if (unused.length > 0) {
    logger.warn({ path, keys: unused }, 'Keys of the configuration that have no effect here');
  }
}
