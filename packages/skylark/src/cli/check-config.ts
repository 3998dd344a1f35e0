/** What is said about a configuration file: problems end the start, unused keys are warnings. */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';

export interface ConfigFindings {
  /** Keys that Apache knows and we have no use for. */
  readonly unused: readonly string[];
  readonly problems: readonly string[];
}

/** INVALID_ARGUMENT with all problems in one line. */
export function checkConfig(path: string, findings: ConfigFindings, logger: Logger): void {
  const { unused, problems } = findings;
  if (problems.length > 0) {
    throw new MqError(MqErrorCode.InvalidArgument, `${path}: ${problems.join('; ')}`);
  }
  if (unused.length > 0) {
    logger.warn({ path, keys: unused }, 'Keys of the configuration that have no effect here');
  }
}
