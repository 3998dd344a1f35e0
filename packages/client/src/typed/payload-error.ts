import { MqError, MqErrorCode } from '@skylarkmq/base';
import { issuePath, type StandardIssue } from './standard-schema.ts';

/** Issues that the text of an error names; all are in `issues`. */
const ISSUES_NAMED_MAX = 5;

/** A payload that its topic's schema refuses: `INVALID_ARGUMENT` when sent, `CORRUPT` when read. */
export class PayloadError extends MqError {
  readonly topic: string;
  /** What is wrong, as the schema says it. */
  readonly issues: readonly StandardIssue[];

  constructor(
    code: typeof MqErrorCode.InvalidArgument | typeof MqErrorCode.Corrupt,
    topic: string,
    issues: readonly StandardIssue[],
    cause?: unknown,
  ) {
    super(code, describe(code, topic, issues), { cause });
    this.name = 'PayloadError';
    this.topic = topic;
    this.issues = issues;
  }
}

function describe(code: string, topic: string, issues: readonly StandardIssue[]): string {
  const named = issues.slice(0, ISSUES_NAMED_MAX).map((issue) => {
    const path = issuePath(issue);
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const more = issues.length - named.length;
  const all = more > 0 ? [...named, `${more} more`] : named;
  const direction = code === MqErrorCode.Corrupt ? 'received from' : 'for';
  return `The payload ${direction} topic ${topic} is not valid: ${all.join('; ')}`;
}
