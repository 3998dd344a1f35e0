/** docs/sdk-options.md has every option of the Java clients, and names only those that we have. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../../', import.meta.url);
const page = readFileSync(new URL('docs/sdk-options.md', root), 'utf8');
const rows = [...page.matchAll(/^\| (`.*`) \| (.*) \|$/gm)];

/** The setters of the client 5.5.0's classes, without those of its inner parts. */
const JAVA =
  `namesrvAddr clientIP instanceName unitName unitMode namespace namespaceV2 accessChannel
clientCallbackExecutorThreads pollNameServerInterval heartbeatBrokerInterval
persistConsumerOffsetInterval pullTimeDelayMillsWhenException mqClientApiTimeout traceMsgBatchNum
enableTrace traceTopic vipChannelEnabled useHeartbeatV2 enableHeartbeatChannelEventListener useTLS
socksProxyConfig language decodeReadBody decodeDecompressBody sendLatencyEnable startDetectorEnable
detectTimeout detectInterval enableStreamRequestType maxPageSizeInGetMetadata producerGroup topics
createTopicKey defaultTopicQueueNums sendMsgTimeout sendMsgMaxTimeoutPerRequest
compressMsgBodyOverHowmuch compressLevel compressType retryTimesWhenSendFailed
retryTimesWhenSendAsyncFailed retryAnotherBrokerWhenNotStoreOK retryResponseCodes maxMessageSize
autoBatch batchMaxDelayMs batchMaxBytes totalBatchMaxBytes enableBackpressureForAsyncMode
backPressureForAsyncSendNum backPressureForAsyncSendSize latencyMax notAvailableDuration
transactionListener checkThreadPoolMinSize checkThreadPoolMaxSize checkRequestHoldMax
executorService
transactionCheckListener consumerGroup messageModel consumeFromWhere consumeTimestamp
allocateMessageQueueStrategy subscription consumeThreadMin consumeThreadMax
adjustThreadPoolNumsThreshold consumeConcurrentlyMaxSpan pullThresholdForQueue
pullThresholdSizeForQueue pullThresholdForTopic pullThresholdSizeForTopic popThresholdForQueue
pullInterval pullBatchSize pullBatchSizeInBytes consumeMessageBatchMaxSize postSubscriptionWhenPull
maxReconsumeTimes suspendCurrentQueueTimeMillis consumeTimeout popInvisibleTime popBatchNums
awaitTerminationMillisWhenShutdown clientRebalance messageQueueListener offsetStore autoCommit
autoCommitIntervalMillis pullThreadNums pullThresholdForAll consumeMaxSpan pollTimeoutMillis
brokerSuspendMaxTimeMillis consumerTimeoutMillisWhenSuspend consumerPullTimeoutMillis
topicMetadataCheckIntervalMillis enableRebalance registerTopics registerSubscriptions tags keys flag
body delayTimeLevel waitStoreMsgOK buyerId instanceId transactionId`.split(/\s+/);

/** Those of LitePushConsumerBuilder in the gRPC client; what all its clients have is not here. */
const JAVA_LITE = `bindTopic consumerGroup messageListener maxCacheMessageCount
maxCacheMessageSizeInBytes consumptionThreadCount enableFifoConsumeAccelerator`.split(/\s+/);

test('every option of the Java client is in the table', () => {
  const listed = rows.flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''),
  );
  assert.deepEqual([...new Set(listed)].sort(), [...new Set([...JAVA, ...JAVA_LITE])].sort());
});

test('what the table names as ours is an option of ours', () => {
  const files = [
    'options/client-options.ts',
    'producer/producer-options.ts',
    'producer/outgoing-message.ts',
    'push/push-consumer-options.ts',
    'lite/lite-push-consumer-options.ts',
    'push/workers.ts',
    'pull/pull-consumer-options.ts',
  ];
  const sources = files.map((file) =>
    readFileSync(new URL(`packages/client/src/${file}`, root), 'utf8'),
  );
  const ours = new Set(
    sources.flatMap((text) => [...text.matchAll(/readonly (\w+)\??:/g)].map((match) => match[1])),
  );
  const named = rows
    .filter(([, , text = '']) => text.startsWith('`'))
    .map(([, , text = '']) => /^`(?:trace\.)?(\w+)`/.exec(text)?.[1] ?? '')
    .filter((name) => name !== 'TransactionProducer' && !['topic', 'batchSize'].includes(name));
  assert.ok(named.length > 50);
  for (const name of named) assert.ok(ours.has(name), `${name} is no option`);
});
