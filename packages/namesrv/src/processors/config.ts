/** The key-value configuration and the name server's own settings. */
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  DeleteKvConfig,
  encodeTextTable,
  GetKvConfig,
  GetKvlistByNamespace,
  PutKvConfig,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { changeSettings, isForbidden, parseProperties } from '../config.ts';
import type { ProcessorDeps } from './deps.ts';

export function registerConfigHandlers(server: RemotingServer, deps: ProcessorDeps): void {
  registerKvConfig(server, deps);
  server.register(RequestCode.UpdateNamesrvConfig, (command) => {
    const pairs = parseProperties(command.body?.toString('utf8') ?? '');
    for (const key of pairs.keys()) {
      if (!isForbidden(key)) continue;
      const remark = 'Can not update config in black list.';
      return { code: ResponseCode.NoPermission, remark };
    }
    deps.changeSettings(changeSettings(deps.settings(), pairs));
    deps.logger.info({ keys: [...pairs.keys()] }, 'Settings changed');
    return { code: ResponseCode.Success };
  });
  server.register(RequestCode.GetNamesrvConfig, () => {
    const lines = [...deps.fixedConfig(), ...Object.entries(deps.settings())];
    const text = lines.map(([key, value]) => `${key}=${value}\n`).join('');
    return { code: ResponseCode.Success, body: Buffer.from(text, 'utf8') };
  });
}

function registerKvConfig(server: RemotingServer, { kvConfig }: ProcessorDeps): void {
  server.register(PutKvConfig.code, (command) => {
    const { namespace, key, value } = PutKvConfig.request.decode(command.ext);
    kvConfig.put(namespace, key, value);
    return { code: ResponseCode.Success };
  });
  server.register(GetKvConfig.code, (command) => {
    const { namespace, key } = GetKvConfig.request.decode(command.ext);
    const value = kvConfig.get(namespace, key);
    if (value === undefined) {
      const remark = `No config item, Namespace: ${namespace} Key: ${key}`;
      return { code: ResponseCode.QueryNotFound, remark };
    }
    return { code: ResponseCode.Success, ext: GetKvConfig.response.encode({ value }) };
  });
  server.register(DeleteKvConfig.code, (command) => {
    const { namespace, key } = DeleteKvConfig.request.decode(command.ext);
    kvConfig.delete(namespace, key);
    return { code: ResponseCode.Success };
  });
  server.register(GetKvlistByNamespace.code, (command) => {
    const { namespace } = GetKvlistByNamespace.request.decode(command.ext);
    const table = kvConfig.list(namespace);
    if (table === undefined) {
      const remark = `No config item, Namespace: ${namespace}`;
      return { code: ResponseCode.QueryNotFound, remark };
    }
    return { code: ResponseCode.Success, body: encodeTextTable(table) };
  });
}
