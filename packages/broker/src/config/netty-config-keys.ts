/** Apache's NettyServerConfig and NettyClientConfig (5.5.0): data only. */
import type { KeyDefaults } from './key-defaults.ts';

/** Keys of NettyServerConfig. */
export const NETTY_SERVER_KEYS: KeyDefaults = {
  bindAddress: '0.0.0.0',
  listenPort: 0,
  serverWorkerThreads: 8,
  serverCallbackExecutorThreads: 0,
  serverSelectorThreads: 3,
  serverOnewaySemaphoreValue: 256,
  serverAsyncSemaphoreValue: 64,
  serverChannelMaxIdleTimeSeconds: 120,
  serverSocketSndBufSize: 0,
  serverSocketRcvBufSize: 0,
  writeBufferHighWaterMark: 0,
  writeBufferLowWaterMark: 0,
  serverSocketBacklog: 1024,
  serverNettyWorkerGroupEnable: true,
  serverPooledByteBufAllocatorEnable: true,
  enableShutdownGracefully: false,
  shutdownWaitTimeSeconds: 30,
  useEpollNativeSelector: false,
};

/** Keys of NettyClientConfig: the connections that a broker opens itself. */
export const NETTY_CLIENT_KEYS: KeyDefaults = {
  clientWorkerThreads: 4,
  clientCallbackExecutorThreads: 4,
  clientOnewaySemaphoreValue: 65_535,
  clientAsyncSemaphoreValue: 65_535,
  connectTimeoutMillis: 3000,
  channelNotActiveInterval: 60_000,
  isScanAvailableNameSrv: true,
  clientChannelMaxIdleTimeSeconds: 120,
  clientSocketSndBufSize: 0,
  clientSocketRcvBufSize: 0,
  clientPooledByteBufAllocatorEnable: false,
  clientCloseSocketIfTimeout: true,
  useTLS: false,
  socksProxyConfig: '{}',
  writeBufferHighWaterMark: 0,
  writeBufferLowWaterMark: 0,
  disableCallbackExecutor: false,
  disableNettyWorkerGroup: false,
  maxReconnectIntervalTimeSeconds: 60,
  enableReconnectForGoAway: true,
};
