/** What the main thread and a shard's thread tell each other. */
import type { MqErrorCode } from '@skylarkmq/base';
import type { TlsCredentials, TlsMode } from '@skylarkmq/remoting';
import type { LogLevel } from '../cli/logger.ts';
import type { BrokerFacts, BrokerPlan } from './start-broker.ts';

/** Handed to the thread when it is made. */
export interface ShardData {
  readonly plan: BrokerPlan;
  readonly tlsMode: TlsMode;
  readonly logLevel: LogLevel;
  readonly errorIsTerminal: boolean;
}

export type ToShard =
  | { readonly kind: 'close' }
  | { readonly kind: 'credentials'; readonly credentials: TlsCredentials }
  | { readonly kind: 'noCredentials'; readonly message: string };

export type FromShard =
  | { readonly kind: 'ready'; readonly facts: BrokerFacts }
  | { readonly kind: 'failed'; readonly code: MqErrorCode; readonly message: string }
  | { readonly kind: 'needCredentials' }
  | { readonly kind: 'closed' };
