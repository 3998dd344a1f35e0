export { DEFAULT_SETTINGS, type NamesrvSettings } from './config.ts';
export { NameServer, type NameServerOptions } from './namesrv.ts';
