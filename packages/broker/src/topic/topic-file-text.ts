/**
 * The text of config/topics.json. It grows with each new topic instead of being made again: with
 * 10,000 topics, making one more must not cost 10,000 times the work.
 */
import { stringifyJson } from '@skylarkmq/base';
import {
  type DataVersion,
  dataVersionJson,
  type TopicConfig,
  topicConfigJson,
} from '@skylarkmq/wire';

const PRETTY = { pretty: true };
const BETWEEN = ',\n';

export class TopicFileText {
  /** The table's members so far; undefined when they must be made again. */
  #members: string | undefined;

  /** A topic was added behind all others. */
  added(config: TopicConfig): void {
    if (this.#members !== undefined) this.#members = joined(this.#members, [config]);
  }

  /** A topic was changed or removed. */
  changed(): void {
    this.#members = undefined;
  }

  /**
   * The text of the topics and behind them those that are only being made. Laid out as Apache's,
   * so that the file looks the same whoever wrote it.
   */
  of(
    version: DataVersion,
    topics: Iterable<TopicConfig>,
    pending: Iterable<TopicConfig> = [],
  ): string {
    this.#members ??= joined('', topics);
    const members = joined(this.#members, pending);
    const head = `{\n\t"dataVersion":${versionText(version)},\n\t"topicConfigTable":`;
    if (members === '') return `${head}{}\n}`;
    return [head, '{\n', members, '\n\t}\n}'].join('');
  }
}

/** `join` makes one piece of memory, where `+=` makes a chain that costs more at every writing. */
function joined(members: string, more: Iterable<TopicConfig>): string {
  const texts = members === '' ? [] : [members];
  for (const config of more) texts.push(memberText(config));
  return texts.length === 1 ? (texts[0] ?? '') : texts.join(BETWEEN);
}

function memberText(config: TopicConfig): string {
  const value = stringifyJson(topicConfigJson(config), PRETTY).replaceAll('\n', '\n\t\t');
  return `\t\t${JSON.stringify(config.topicName)}:${value}`;
}

function versionText(version: DataVersion): string {
  return stringifyJson(dataVersionJson(version), PRETTY).replaceAll('\n', '\n\t');
}
