export {
  ClientRocketMq,
  type ClientRocketMqEvents,
  type ClientRocketMqOptions,
} from './client-rocketmq.ts';
export { type MessagePattern, parsePattern } from './pattern.ts';
export { RejectException } from './reject-exception.ts';
export { RocketMqContext } from './rocketmq-context.ts';
export { RocketMqRecord, type RocketMqRecordFields } from './rocketmq-record.ts';
export {
  ROCKETMQ_TRANSPORT,
  RocketMqServer,
  type RocketMqServerEvents,
  type RocketMqServerOptions,
} from './rocketmq-server.ts';
