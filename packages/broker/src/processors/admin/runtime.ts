/** What the broker is doing, how it is configured, and changes of that. */
import { parseJavaProperties, stringifyJson } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  dataVersionJson,
  encodeBrokerStatsData,
  encodeLoneMasterStatus,
  encodeTextTable,
  GetBrokerConfig,
  RequestCode,
  ResponseCode,
  ViewBrokerStatsData,
} from '@skylarkmq/wire';
import type { LiveSettings } from '../../config/live-settings.ts';
import type { BrokerSettings } from '../../settings.ts';
import type { BrokerStats } from '../../stats/broker-stats.ts';
import type { TimerService } from '../../timer/timer-service.ts';
import { invalidParameter, SUCCESS, systemError } from './refusal.ts';
import { type RuntimeInfoDeps, runtimeInfo } from './runtime-info.ts';

export interface RuntimeAdminDeps extends RuntimeInfoDeps {
  readonly live: Pick<LiveSettings, 'change' | 'dump' | 'get' | 'version'>;
  readonly stats: Pick<BrokerStats, 'runtimeInfo' | 'view'>;
  readonly timers: RuntimeInfoDeps['timers'] & Pick<TimerService, 'checkpoint' | 'metrics'>;
  settings(): Pick<BrokerSettings, 'timerWheelEnable'> & ReturnType<RuntimeInfoDeps['settings']>;
  /** Registers at the name servers with the permission as it is now. */
  announce(): Promise<void>;
}

export function registerRuntimeHandlers(server: RemotingServer, deps: RuntimeAdminDeps): void {
  const { live, stats, store } = deps;
  server.register(RequestCode.GetBrokerRuntimeInfo, async () => {
    const body = encodeTextTable(await runtimeInfo(deps));
    return { code: ResponseCode.Success, body };
  });
  server.register(GetBrokerConfig.code, () => {
    const lines = [...live.dump()].map(([key, value]) => `${key}=${value}\n`);
    const version = stringifyJson(dataVersionJson(live.version));
    return {
      code: ResponseCode.Success,
      ext: GetBrokerConfig.response.encode({ version }),
      body: Buffer.from(lines.join(''), 'utf8'),
    };
  });
  server.register(RequestCode.UpdateBrokerConfig, async (command) => {
    if (command.body === null) return SUCCESS;
    const before = live.get().brokerPermission;
    const refused = live.change(parseJavaProperties(command.body.toString('utf8')));
    if (refused?.kind === 'forbidden') {
      return { code: ResponseCode.NoPermission, remark: refused.reason };
    }
    if (refused !== undefined) return invalidParameter(refused.reason);
    if (live.get().brokerPermission !== before) await deps.announce();
    return SUCCESS;
  });
  server.register(ViewBrokerStatsData.code, (command) => {
    const { statsName, statsKey } = ViewBrokerStatsData.request.decode(command.ext);
    const view = stats.view(statsName, statsKey);
    if (view === undefined) return systemError(`The stats <${statsName}> <${statsKey}> not exist`);
    return { code: ResponseCode.Success, body: encodeBrokerStatsData(view) };
  });
  server.register(RequestCode.GetBrokerHaStatus, () => {
    const body = encodeLoneMasterStatus(store.maxPhysicalOffset);
    return { code: ResponseCode.Success, body };
  });
  const noTimer = systemError('The timer is not enabled: timerWheelEnable is false');
  const { timers } = deps;
  server.register(RequestCode.GetTimerMetrics, () => {
    if (!deps.settings().timerWheelEnable) return noTimer;
    const body = Buffer.from(stringifyJson(timers.metrics()), 'utf8');
    return { code: ResponseCode.Success, body };
  });
  server.register(RequestCode.GetTimerCheckPoint, () => {
    if (!deps.settings().timerWheelEnable) return noTimer;
    return { code: ResponseCode.Success, body: timers.checkpoint() };
  });
}
