/** What the rules of request codes are made of. */
import { type JsonValue, parseFastjson } from '@skylarkmq/base';
import { isRetryTopic, popOriginTopic } from '@skylarkmq/message';
import type { Command, SignedFields } from '@skylarkmq/wire';
import type { Access, Action } from '../policy/policy.ts';
import { groupName, type ResourceType } from '../policy/resource.ts';

/** A request as rules see it. */
interface RuleInput {
  readonly fields: SignedFields;
  readonly command: Command;
  /** Of this server: requests about no topic and no group need it. */
  readonly clusterName: string;
}

/** Everything that a request does; all of it must be allowed. None: an identity is enough. */
export type Rule = (input: RuleInput) => readonly Access[];

/** An identity is enough. */
export const anyUser: Rule = () => [];

export function cluster(...actions: readonly Action[]): Rule {
  return ({ clusterName }) => [{ type: 'Cluster', name: clusterName, actions }];
}

/** The cluster that a field names. */
export function clusterField(field: string, ...actions: readonly Action[]): Rule {
  return ({ fields }) => [{ type: 'Cluster', name: fields.text(field) ?? '', actions }];
}

/** The topic of a field; the group of a retry topic. */
export function topic(field: string, ...actions: readonly Action[]): Rule {
  return ({ fields }) => [topicAccess(fields.text(field) ?? '', actions)];
}

/** The topic of a field as it is, also a retry topic. */
export function topicAsIs(field: string, ...actions: readonly Action[]): Rule {
  return ({ fields }) => [{ type: 'Topic', name: fields.text(field) ?? '', actions }];
}

/**
 * The topic that a group popped, also when the message came from the retry topic of the two. Apache
 * asks there for a group that is named like the rest of the retry topic, and so refuses the
 * receipts of messages that it handed out.
 */
export function poppedTopic(field: string, groupField: string, ...actions: Action[]): Rule {
  return ({ fields }) => {
    const name = fields.text(field) ?? '';
    return [topicAccess(popOriginTopic(name, fields.text(groupField) ?? ''), actions)];
  };
}

/** As `topic`, but groups may retry whatever they are allowed to read. */
export function topicUnlessRetry(field: string, ...actions: readonly Action[]): Rule {
  return ({ fields }) => {
    const name = fields.text(field) ?? '';
    return isRetryTopic(name) ? [] : [{ type: 'Topic', name, actions }];
  };
}

/** Sends need Pub, those into a retry topic the right of the group that reads it. */
// RocketMQ: DefaultAuthorizationContextBuilder#build
export function sendTo(field: string): Rule {
  return ({ fields }) => {
    const name = fields.text(field) ?? '';
    return isRetryTopic(name)
      ? [groupAccess(name, ['Sub'])]
      : [{ type: 'Topic', name, actions: ['Pub'] }];
  };
}

export function routeOf(field: string): Rule {
  return ({ fields }) => {
    const name = fields.text(field) ?? '';
    return isRetryTopic(name)
      ? [groupAccess(name, ['Sub', 'Get'])]
      : [{ type: 'Topic', name, actions: ['Pub', 'Sub', 'Get'] }];
  };
}

export function group(field: string, ...actions: readonly Action[]): Rule {
  return ({ fields }) => [groupAccess(fields.text(field) ?? '', actions)];
}

/** The rule where the field is there and not blank, else `otherwise`. */
export function ifGiven(field: string, rule: Rule, otherwise: Rule = anyUser): Rule {
  return (input) => {
    const value = input.fields.text(field);
    return value === undefined || value.trim() === '' ? otherwise(input) : rule(input);
  };
}

/** The rule where the field is there, be it empty. */
export function ifPresent(field: string, rule: Rule): Rule {
  return (input) => (input.fields.text(field) === undefined ? [] : rule(input));
}

/** Names in one field, with a separator between. */
export function names(
  type: ResourceType,
  field: string,
  separator: string,
  ...actions: readonly Action[]
): Rule {
  return ({ fields }) =>
    (fields.text(field) ?? '')
      .split(separator)
      .filter((name) => name !== '')
      .map((name) => (type === 'Group' ? groupAccess(name, actions) : topicAccess(name, actions)));
}

export function both(...rules: readonly Rule[]): Rule {
  return (input) => rules.flatMap((rule) => rule(input));
}

/** What the body says. A body that is not as it must be is for the handler to refuse. */
export function body(read: (body: JsonValue) => readonly Access[]): Rule {
  return ({ command }) => {
    const bytes = command.body;
    return bytes === null ? [] : read(parseFastjson(bytes.toString('utf8')));
  };
}

export function topicAccess(name: string, actions: readonly Action[]): Access {
  return isRetryTopic(name) ? groupAccess(name, actions) : { type: 'Topic', name, actions };
}

export function groupAccess(name: string, actions: readonly Action[]): Access {
  return { type: 'Group', name: groupName(name), actions };
}
