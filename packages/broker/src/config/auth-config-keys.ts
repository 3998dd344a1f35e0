/** Apache's AuthConfig (5.5.0), read from the same file: data only. */
import type { KeyDefaults } from './key-defaults.ts';

/** Keys of AuthConfig. */
export const AUTH_CONFIG_KEYS: KeyDefaults = {
  configName: null,
  clusterName: null,
  authConfigPath: null,
  authenticationEnabled: false,
  authenticationProvider: null,
  authenticationMetadataProvider: null,
  authenticationStrategy: null,
  authenticationWhitelist: null,
  initAuthenticationUser: null,
  innerClientAuthenticationCredentials: null,
  authorizationEnabled: false,
  authorizationProvider: null,
  authorizationMetadataProvider: null,
  authorizationStrategy: null,
  authorizationWhitelist: null,
  migrateAuthFromV1Enabled: false,
  userCacheMaxNum: 1000,
  userCacheExpiredSecond: 600,
  userCacheRefreshSecond: 60,
  aclCacheMaxNum: 1000,
  aclCacheExpiredSecond: 600,
  aclCacheRefreshSecond: 60,
  statefulAuthenticationCacheMaxNum: 10_000,
  statefulAuthenticationCacheExpiredSecond: 60,
  statefulAuthorizationCacheMaxNum: 10_000,
  statefulAuthorizationCacheExpiredSecond: 60,
};
