/**
 * Values of Apache's keys that ask for what this version does not have. To start without it would
 * break a promise that the file makes (durability, access control, where data is), so each is a
 * reason not to start.
 */

/** The sentence for a value that cannot be honoured; undefined when it can. */
export function missingFeature(key: string, value: number | boolean | string): string | undefined {
  const feature = FEATURES.get(key);
  if (feature === undefined || !feature.isAsked(value)) return undefined;
  return `${key}=${value} is not available here: ${feature.instead}`;
}

interface Feature {
  isAsked(value: number | boolean | string): boolean;
  readonly instead: string;
}

const isTrue = (value: number | boolean | string): boolean => value === true;
/** Apache's own classes do what is built in here; others would have to be loaded. */
function ownClass(name: string): Feature {
  return {
    isAsked: (value) => value !== '' && !String(value).endsWith(name),
    instead: 'Java classes cannot be loaded; users and policies are kept in config/auth.json',
  };
}

const isText = (value: number | boolean | string): boolean => value !== '';

const FEATURES: ReadonlyMap<string, Feature> = new Map([
  [
    'brokerRole',
    {
      isAsked: (value) => value !== 'ASYNC_MASTER',
      instead: 'this version does not replicate; use ASYNC_MASTER',
    },
  ],
  [
    'brokerId',
    {
      isAsked: (value) => value !== 0,
      instead: 'this version does not replicate; only brokerId=0, the master, can be started',
    },
  ],
  [
    'storeType',
    {
      isAsked: (value) => value !== 'default',
      instead: 'messages are kept in CommitLog and ConsumeQueue files; use storeType=default',
    },
  ],
  ['configManagerVersion', { isAsked: (value) => value !== 'v1', instead: 'use v1, JSON files' }],
  ['enableDLegerCommitLog', { isAsked: isTrue, instead: 'this version does not replicate' }],
  ['enableControllerMode', { isAsked: isTrue, instead: 'this version does not replicate' }],
  ['duplicationEnable', { isAsked: isTrue, instead: 'this version does not replicate' }],
  ['readOnlyCommitLogStorePaths', { isAsked: isText, instead: 'use storePathCommitLog' }],
  [
    'popConsumerKVServiceEnable',
    { isAsked: isTrue, instead: 'POP keeps its check points in the revive topic' },
  ],
  ['messageStorePlugIn', { isAsked: isText, instead: 'Java classes cannot be loaded' }],
  ['authenticationProvider', ownClass('DefaultAuthenticationProvider')],
  ['authenticationMetadataProvider', ownClass('LocalAuthenticationMetadataProvider')],
  ['authenticationStrategy', ownClass('AuthenticationStrategy')],
  ['authorizationProvider', ownClass('DefaultAuthorizationProvider')],
  ['authorizationMetadataProvider', ownClass('LocalAuthorizationMetadataProvider')],
  ['authorizationStrategy', ownClass('AuthorizationStrategy')],
  [
    'timerPrecisionMs',
    {
      isAsked: (value) => value !== 1000,
      instead: 'times are exact to the millisecond whatever the wheel has; use 1000',
    },
  ],
  [
    'timerRocksDBEnable',
    { isAsked: isTrue, instead: 'timers are kept in timerwheel and timerlog' },
  ],
]);
