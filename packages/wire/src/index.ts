export {
  encodeBrokerStatsData,
  type StatsWindow,
  type StatsWindows,
} from './body/broker-stats-data.ts';
export { type ClientConfig, encodeClientConfig } from './body/client-config.ts';
export {
  type ClientConnection,
  type ConsumerConnections,
  encodeConsumerConnections,
  encodeProducerConnections,
  encodeProducerTable,
  type ProducerClient,
} from './body/client-connections.ts';
export {
  type ClusterInfo,
  decodeClusterInfo,
  encodeBrokerMemberGroup,
  encodeClusterInfo,
} from './body/cluster-info.ts';
export {
  type ConsumeQueuePart,
  type ConsumeQueueUnit,
  encodeConsumeQueuePart,
} from './body/consume-queue-data.ts';
export {
  type BrokerConsumeStats,
  type ConsumeStats,
  encodeBrokerConsumeStats,
  encodeConsumeStats,
  type QueueProgress,
} from './body/consume-stats.ts';
export { encodeConsumeTimeSpans, type QueueTimeSpan } from './body/consume-time-span.ts';
export {
  type DataVersion,
  dataVersionJson,
  decodeDataVersion,
  NO_VERSION,
  nextVersion,
  sameVersion,
} from './body/data-version.ts';
export {
  type ChangedDeadLetter,
  DEAD_LETTERS_PER_REQUEST_MAX,
  type DeadLetterChange,
  type DeadLetterChanges,
  type DeadLetterPlace,
  type DeadLetterQuery,
  type DeadLetterState,
  type DeadLetterStatus,
  decodeDeadLetterChanges,
  decodeDeadLetterQuery,
  decodeDeadLetterState,
  decodeDeadLetterStates,
  encodeDeadLetterChanges,
  encodeDeadLetterQuery,
  encodeDeadLetterStates,
} from './body/dead-letter-state.ts';
export {
  decodeGroupRetryPolicy,
  type GroupRetryPolicy,
  groupRetryPolicyJson,
  nextRetryDelayMs,
} from './body/group-retry-policy.ts';
export { encodeGroupForbidden, encodeGroupSubscription } from './body/group-topic.ts';
export { encodeLoneMasterStatus } from './body/ha-status.ts';
export {
  type ConsumerData,
  decodeHeartbeat,
  encodeHeartbeat,
  type Heartbeat,
  type ProducerData,
} from './body/heartbeat.ts';
export {
  type BrokerLiteInfo,
  encodeBrokerLiteInfo,
  encodeLiteClientInfo,
  encodeLiteGroupInfo,
  encodeLiteGroupTopicInfo,
  encodeLiteTopicInfo,
  encodeParentTopicInfo,
  type LiteClientInfo,
  type LiteGroupInfo,
  type LiteGroupTopicInfo,
  type LiteLag,
  type LiteTopicInfo,
  type ParentTopicInfo,
} from './body/lite-info.ts';
export {
  decodeLiteSubscriptionChanges,
  encodeLiteSubscriptionChanges,
  type LiteOffsetOption,
  type LiteSubscriptionAction,
  type LiteSubscriptionChange,
} from './body/lite-subscription.ts';
export {
  decodeLockBatch,
  decodeLockOk,
  encodeLockBatch,
  encodeLockOk,
  type LockBatch,
} from './body/lock-batch.ts';
export {
  decodeMessageQueue,
  decodeMessageQueueMapKey,
  messageQueueJson,
} from './body/message-queue.ts';
export {
  decodeConsumerStatus,
  encodeConsumerStatus,
  encodeCorrectionOffsets,
  encodeResetOffsetList,
  encodeResetOffsets,
  type QueueOffset,
} from './body/queue-offsets.ts';
export {
  decodeCompressedRegisterBrokerBody,
  decodeOldRegisterBrokerBody,
  decodeRegisterBrokerBody,
  encodeRegisterBrokerBody,
  type RegisterBrokerBody,
} from './body/register-broker-body.ts';
export {
  decodeStaticTopic,
  decodeStaticTopicBody,
  ledQueues,
  type QueuePart,
  type StaticTopic,
  staticTopicInfoJson,
  staticTopicJson,
} from './body/static-topic.ts';
export {
  decodeSubscriptionData,
  type SubscriptionData,
  subscriptionDataJson,
} from './body/subscription-data.ts';
export {
  decodeSubscriptionGroup,
  decodeSubscriptionGroupBody,
  decodeSubscriptionGroupList,
  encodeSubscriptionGroup,
  encodeSubscriptionGroupTable,
  type SubscriptionGroup,
  subscriptionGroup,
  subscriptionGroupJson,
  subscriptionGroupTableJson,
} from './body/subscription-group.ts';
export {
  decodeConsumerList,
  decodeGroupList,
  decodeTextTable,
  decodeTopicList,
  encodeConsumerList,
  encodeGroupList,
  encodeTextTable,
  encodeTopicList,
} from './body/text-lists.ts';
export {
  decodeTextMap,
  decodeTopicConfig,
  decodeTopicConfigList,
  decodeTopicTable,
  encodeTopicConfig,
  encodeTopicTable,
  type TopicConfig,
  type TopicTable,
  topicConfig,
  topicConfigJson,
  topicTableJson,
} from './body/topic-config.ts';
export {
  type BrokerData,
  brokerDataJson,
  decodeBrokerAddresses,
  decodeBrokerData,
  decodeTopicRoute,
  encodeTopicRoute,
  type QueueData,
  type TopicRoute,
} from './body/topic-route.ts';
export { encodeTopicStats, type QueueStats } from './body/topic-stats.ts';
export { ByteInterner } from './byte-interner.ts';
export { Command, FLAG_ONEWAY, FLAG_RESPONSE, type Outgoing } from './command.ts';
export { encodeCommand, HeadWriter } from './encode-command.ts';
export {
  FRAME_BYTES_MAX,
  FrameDecoder,
  type FrameLimits,
  HEADER_BYTES_MAX,
} from './frame-decoder.ts';
export { LANGUAGES, languageCode, languageName, OUR_LANGUAGE } from './language-code.ts';
export { MqVersion, OUR_VERSION, versionName } from './mq-version.ts';
export {
  type BatchAck,
  type BatchAckBody,
  decodeBatchAckBody,
  encodeBatchAckBody,
} from './pop/batch-ack.ts';
export { BIT_SET_BITS_MAX, decodeBitSet, encodeBitSet } from './pop/bit-set.ts';
export {
  decodeMessageRequestSetting,
  decodeMessageRequestSettings,
  encodeMessageRequestSetting,
  encodeMessageRequestSettings,
  MessageRequestMode,
  type MessageRequestSetting,
  type MessageRequestSettings,
  messageRequestSettingsJson,
} from './pop/message-request-mode.ts';
export {
  formatPopMessageOffsets,
  formatPopOrderCounts,
  formatPopStartOffsets,
  type PopMessageOffsets,
  type PopOrderCount,
  type PopStartOffset,
  parsePopMessageOffsets,
  parsePopOrderCounts,
  parsePopStartOffsets,
} from './pop/pop-offsets.ts';
export {
  type AssignmentQuery,
  decodeAssignmentQuery,
  decodeQueueAssignments,
  encodeAssignmentQuery,
  encodeQueueAssignments,
  type QueueAssignment,
} from './pop/query-assignment.ts';
export { RequestCode, requestCodeName } from './request-code.ts';
export { ResponseCode, responseCodeName } from './response-code.ts';
export { AckMessage, type AckMessageRequest } from './rpc/ack-message.ts';
export {
  AddWritePermOfBroker,
  type AddWritePermOfBrokerRequest,
  type AddWritePermOfBrokerResponse,
} from './rpc/add-write-perm-of-broker.ts';
export { AuthCreateAcl } from './rpc/auth-create-acl.ts';
export { AuthCreateUser } from './rpc/auth-create-user.ts';
export { AuthDeleteAcl } from './rpc/auth-delete-acl.ts';
export { AuthDeleteUser } from './rpc/auth-delete-user.ts';
export { AuthGetAcl } from './rpc/auth-get-acl.ts';
export { AuthGetUser } from './rpc/auth-get-user.ts';
export { AuthListAcl } from './rpc/auth-list-acl.ts';
export { AuthListUser } from './rpc/auth-list-user.ts';
export { AuthUpdateAcl } from './rpc/auth-update-acl.ts';
export { AuthUpdateUser } from './rpc/auth-update-user.ts';
export { BrokerHeartbeat, type BrokerHeartbeatRequest } from './rpc/broker-heartbeat.ts';
export {
  ChangeInvisibleTime,
  type ChangeInvisibleTimeRequest,
  type ChangeInvisibleTimeResponse,
} from './rpc/change-invisible-time.ts';
export {
  CheckTransactionState,
  type CheckTransactionStateRequest,
} from './rpc/check-transaction-state.ts';
export { CloneGroupOffset, type CloneGroupOffsetRequest } from './rpc/clone-group-offset.ts';
export {
  ConsumeMessageDirectly,
  type ConsumeMessageDirectlyRequest,
} from './rpc/consume-message-directly.ts';
export {
  ConsumerSendMsgBack,
  type ConsumerSendMsgBackRequest,
} from './rpc/consumer-send-msg-back.ts';
export { DeleteAclConfig } from './rpc/delete-acl-config.ts';
export { DeleteKvConfig, type DeleteKvConfigRequest } from './rpc/delete-kv-config.ts';
export {
  DeleteSubscriptionGroup,
  type DeleteSubscriptionGroupRequest,
} from './rpc/delete-subscription-group.ts';
export {
  DeleteTopicInBroker,
  type DeleteTopicInBrokerRequest,
} from './rpc/delete-topic-in-broker.ts';
export {
  DeleteTopicInNamesrv,
  type DeleteTopicInNamesrvRequest,
} from './rpc/delete-topic-in-namesrv.ts';
export { EndTransaction, type EndTransactionRequest } from './rpc/end-transaction.ts';
export {
  GetAllSubscriptionGroupConfig,
  type GetAllSubscriptionGroupConfigRequest,
  type GetAllSubscriptionGroupConfigResponse,
} from './rpc/get-all-subscription-group-config.ts';
export {
  GetAllTopicConfig,
  type GetAllTopicConfigRequest,
  type GetAllTopicConfigResponse,
} from './rpc/get-all-topic-config.ts';
export { GetBrokerClusterAclInfo } from './rpc/get-broker-cluster-acl-info.ts';
export { GetBrokerConfig, type GetBrokerConfigResponse } from './rpc/get-broker-config.ts';
export {
  GetBrokerConsumeStats,
  type GetBrokerConsumeStatsRequest,
} from './rpc/get-broker-consume-stats.ts';
export {
  GetBrokerMemberGroup,
  type GetBrokerMemberGroupRequest,
} from './rpc/get-broker-member-group.ts';
export { GetConsumeStats, type GetConsumeStatsRequest } from './rpc/get-consume-stats.ts';
export {
  GetConsumerConnectionList,
  type GetConsumerConnectionListRequest,
} from './rpc/get-consumer-connection-list.ts';
export {
  GetConsumerListByGroup,
  type GetConsumerListByGroupRequest,
} from './rpc/get-consumer-list-by-group.ts';
export {
  GetConsumerRunningInfo,
  type GetConsumerRunningInfoRequest,
} from './rpc/get-consumer-running-info.ts';
export {
  GetConsumerStatusFromClient,
  type GetConsumerStatusFromClientRequest,
} from './rpc/get-consumer-status-from-client.ts';
export {
  GetEarliestMsgStoretime,
  type GetEarliestMsgStoretimeRequest,
  type GetEarliestMsgStoretimeResponse,
} from './rpc/get-earliest-msg-storetime.ts';
export {
  GetKvConfig,
  type GetKvConfigRequest,
  type GetKvConfigResponse,
} from './rpc/get-kv-config.ts';
export {
  GetKvlistByNamespace,
  type GetKvlistByNamespaceRequest,
} from './rpc/get-kvlist-by-namespace.ts';
export { GetLiteClientInfo, type GetLiteClientInfoRequest } from './rpc/get-lite-client-info.ts';
export { GetLiteGroupInfo, type GetLiteGroupInfoRequest } from './rpc/get-lite-group-info.ts';
export { GetLiteTopicInfo, type GetLiteTopicInfoRequest } from './rpc/get-lite-topic-info.ts';
export {
  GetMaxOffset,
  type GetMaxOffsetRequest,
  type GetMaxOffsetResponse,
} from './rpc/get-max-offset.ts';
export {
  GetMinOffset,
  type GetMinOffsetRequest,
  type GetMinOffsetResponse,
} from './rpc/get-min-offset.ts';
export { GetParentTopicInfo, type GetParentTopicInfoRequest } from './rpc/get-parent-topic-info.ts';
export {
  GetProducerConnectionList,
  type GetProducerConnectionListRequest,
} from './rpc/get-producer-connection-list.ts';
export {
  GetRouteInfoByTopic,
  type GetRouteInfoByTopicRequest,
} from './rpc/get-route-info-by-topic.ts';
export {
  GetSubscriptionGroupConfig,
  type GetSubscriptionGroupConfigRequest,
} from './rpc/get-subscription-group-config.ts';
export { GetTopicConfig, type GetTopicConfigRequest } from './rpc/get-topic-config.ts';
export { GetTopicStatsInfo, type GetTopicStatsInfoRequest } from './rpc/get-topic-stats-info.ts';
export { GetTopicsByCluster, type GetTopicsByClusterRequest } from './rpc/get-topics-by-cluster.ts';
export {
  InvokeBrokerToGetConsumerStatus,
  type InvokeBrokerToGetConsumerStatusRequest,
} from './rpc/invoke-broker-to-get-consumer-status.ts';
export {
  InvokeBrokerToResetOffset,
  type InvokeBrokerToResetOffsetRequest,
} from './rpc/invoke-broker-to-reset-offset.ts';
export {
  Notification,
  type NotificationRequest,
  type NotificationResponse,
} from './rpc/notification.ts';
export {
  NotifyConsumerIdsChanged,
  type NotifyConsumerIdsChangedRequest,
} from './rpc/notify-consumer-ids-changed.ts';
export {
  NotifyMinBrokerIdChange,
  type NotifyMinBrokerIdChangeRequest,
} from './rpc/notify-min-broker-id-change.ts';
export {
  NotifyUnsubscribeLite,
  type NotifyUnsubscribeLiteRequest,
} from './rpc/notify-unsubscribe-lite.ts';
export { PeekMessage, type PeekMessageRequest } from './rpc/peek-message.ts';
export {
  PollingInfo,
  type PollingInfoRequest,
  type PollingInfoResponse,
} from './rpc/polling-info.ts';
export {
  PopLiteMessage,
  type PopLiteMessageRequest,
  type PopLiteMessageResponse,
} from './rpc/pop-lite-message.ts';
export {
  PopInitMode,
  PopMessage,
  type PopMessageRequest,
  type PopMessageResponse,
} from './rpc/pop-message.ts';
export {
  PullMessage,
  type PullMessageRequest,
  type PullMessageResponse,
} from './rpc/pull-message.ts';
export { PullMessageScan } from './rpc/pull-message-scan.ts';
export { PushReplyMessage, type PushReplyMessageRequest } from './rpc/push-reply-message.ts';
export { PutKvConfig, type PutKvConfigRequest } from './rpc/put-kv-config.ts';
export { QueryConsumeQueue, type QueryConsumeQueueRequest } from './rpc/query-consume-queue.ts';
export {
  QueryConsumeTimeSpan,
  type QueryConsumeTimeSpanRequest,
} from './rpc/query-consume-time-span.ts';
export {
  QueryConsumerOffset,
  type QueryConsumerOffsetRequest,
  type QueryConsumerOffsetResponse,
} from './rpc/query-consumer-offset.ts';
export {
  QueryCorrectionOffset,
  type QueryCorrectionOffsetRequest,
} from './rpc/query-correction-offset.ts';
export {
  QueryDataVersion,
  type QueryDataVersionRequest,
  type QueryDataVersionResponse,
} from './rpc/query-data-version.ts';
export {
  QueryMessage,
  type QueryMessageRequest,
  type QueryMessageResponse,
} from './rpc/query-message.ts';
export {
  QuerySubscriptionByConsumer,
  type QuerySubscriptionByConsumerRequest,
} from './rpc/query-subscription-by-consumer.ts';
export {
  QueryTopicConsumeByWho,
  type QueryTopicConsumeByWhoRequest,
} from './rpc/query-topic-consume-by-who.ts';
export {
  QueryTopicsByConsumer,
  type QueryTopicsByConsumerRequest,
} from './rpc/query-topics-by-consumer.ts';
export {
  RecallMessage,
  type RecallMessageRequest,
  type RecallMessageResponse,
} from './rpc/recall-message.ts';
export {
  RegisterBroker,
  type RegisterBrokerRequest,
  type RegisterBrokerResponse,
} from './rpc/register-broker.ts';
export {
  RegisterTopicInNamesrv,
  type RegisterTopicInNamesrvRequest,
} from './rpc/register-topic-in-namesrv.ts';
export {
  ResetConsumerClientOffset,
  type ResetConsumerClientOffsetRequest,
} from './rpc/reset-consumer-client-offset.ts';
export { FieldName, ResponseWriter } from './rpc/response-writer.ts';
export {
  ResumeCheckHalfMessage,
  type ResumeCheckHalfMessageRequest,
} from './rpc/resume-check-half-message.ts';
export {
  SearchOffsetByTimestamp,
  type SearchOffsetByTimestampRequest,
  type SearchOffsetByTimestampResponse,
} from './rpc/search-offset-by-timestamp.ts';
export {
  SendMessage,
  type SendMessageRequest,
  type SendMessageRequestV2,
  type SendMessageResponse,
} from './rpc/send-message.ts';
export { SendMessageScan } from './rpc/send-message-scan.ts';
export { SignedFields } from './rpc/signed-fields.ts';
export {
  TriggerLiteDispatch,
  type TriggerLiteDispatchRequest,
} from './rpc/trigger-lite-dispatch.ts';
export { UnregisterBroker, type UnregisterBrokerRequest } from './rpc/unregister-broker.ts';
export { UnregisterClient, type UnregisterClientRequest } from './rpc/unregister-client.ts';
export {
  UpdateAndCreateAclConfig,
  type UpdateAndCreateAclConfigRequest,
} from './rpc/update-and-create-acl-config.ts';
export {
  UpdateAndCreateTopic,
  type UpdateAndCreateTopicRequest,
} from './rpc/update-and-create-topic.ts';
export {
  UpdateAndGetGroupForbidden,
  type UpdateAndGetGroupForbiddenRequest,
} from './rpc/update-and-get-group-forbidden.ts';
export {
  UpdateConsumerOffset,
  type UpdateConsumerOffsetRequest,
} from './rpc/update-consumer-offset.ts';
export { UpdateGlobalWhiteAddrsConfig } from './rpc/update-global-white-addrs-config.ts';
export {
  ViewBrokerStatsData,
  type ViewBrokerStatsDataRequest,
} from './rpc/view-broker-stats-data.ts';
export { ViewMessageById, type ViewMessageByIdRequest } from './rpc/view-message-by-id.ts';
export {
  WipeWritePermOfBroker,
  type WipeWritePermOfBrokerRequest,
  type WipeWritePermOfBrokerResponse,
} from './rpc/wipe-write-perm-of-broker.ts';
export { type NoFields, noFields, type Rpc } from './rpc-description.ts';
export {
  type Field,
  type Fields,
  type Header,
  header,
} from './schema.ts';
export { Serialization } from './serialization.ts';
