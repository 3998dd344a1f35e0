export { Broker } from './broker.ts';
export type { BrokerOptions } from './broker-options.ts';
export type { BrokerView } from './broker-view.ts';
export type { ConfiguredAccess } from './config/access-config.ts';
export {
  type BrokerConfig,
  type ConfiguredOptions,
  type ParseConfigOptions,
  parseBrokerConfig,
} from './config/parse-broker-config.ts';
export { RecordProperties } from './filter/record-properties.ts';
export { parseSql } from './filter/sql-parser.ts';
export { type Condition, Truth } from './filter/truth.ts';
export { type BrokerSettings, DEFAULT_SETTINGS } from './settings.ts';
