export { ByteInterner } from './byte-interner.ts';
export { Command, FLAG_ONEWAY, FLAG_RESPONSE, type Outgoing } from './command.ts';
export { encodeCommand, encodeCommandHead } from './encode-command.ts';
export {
  FRAME_BYTES_MAX,
  FrameDecoder,
  type FrameLimits,
  HEADER_BYTES_MAX,
} from './frame-decoder.ts';
export { LANGUAGES, languageCode, languageName, OUR_LANGUAGE } from './language-code.ts';
export { MqVersion, OUR_VERSION, versionName } from './mq-version.ts';
export { RequestCode, requestCodeName } from './request-code.ts';
export { ResponseCode, responseCodeName } from './response-code.ts';
export {
  type Field,
  type Fields,
  type Header,
  header,
} from './schema.ts';
export { Serialization } from './serialization.ts';
