import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.lite.LiteSubscriptionAction;
import org.apache.rocketmq.common.lite.LiteSubscriptionDTO;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.RemotingClient;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.body.GetLiteTopicInfoResponseBody;
import org.apache.rocketmq.remoting.protocol.body.LiteSubscriptionCtlRequestBody;
import org.apache.rocketmq.remoting.protocol.header.AckMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.CreateTopicRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.GetLiteTopicInfoRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.LiteSubscriptionCtlRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.PopLiteMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;

/** Lite topics and priorities, as the proxy 5.5.0 asks for them. Apache needs enableLmq and enableMultiDispatch. */
public final class LiteScenarios {
    private static final long TIMEOUT_MS = 60_000;

    private LiteScenarios() {}

    static void register(Map<String, Conformance.Scenario> scenarios) {
        scenarios.put("lite-topics", LiteScenarios::liteTopics);
        scenarios.put("priority-queues", LiteScenarios::priorities);
    }

    private static final class Caller {
        final Lab lab;
        final DefaultMQProducer producer;
        final RemotingClient remoting;
        final String address;
        final String broker;
        final String topic;
        final String group;

        Caller(Lab lab) throws Exception {
            this.lab = lab;
            producer = lab.producer(p -> p.setMqClientApiTimeout((int) TIMEOUT_MS));
            String other = lab.topic(producer, "T");
            broker = producer.fetchPublishMessageQueues(other).get(0).getBrokerName();
            var factory = producer.getDefaultMQProducerImpl().getMqClientFactory();
            address = factory.findBrokerAddressInPublish(broker);
            remoting = factory.getMQClientAPIImpl().getRemotingClient();
            topic = lab.unique("P");
            group = lab.unique("G");
        }

        RemotingCommand call(int code, CommandCustomHeader header, byte[] body) throws Exception {
            RemotingCommand command = RemotingCommand.createRequestCommand(code, header);
            command.setBody(body);
            return remoting.invokeSync(address, command, TIMEOUT_MS);
        }

        void makeTopic(int queues, String attributes) throws Exception {
            CreateTopicRequestHeader header = new CreateTopicRequestHeader();
            header.setTopic(topic);
            header.setDefaultTopic("TBW102");
            header.setReadQueueNums(queues);
            header.setWriteQueueNums(queues);
            header.setPerm(6);
            header.setTopicFilterType("SINGLE_TAG");
            header.setTopicSysFlag(0);
            header.setOrder(false);
            header.setAttributes(attributes);
            Lab.equal(0, call(RequestCode.UPDATE_AND_CREATE_TOPIC, header, null).getCode(), "code");
        }

        RemotingCommand pop(int count) throws Exception {
            PopLiteMessageRequestHeader header = new PopLiteMessageRequestHeader();
            header.setClientId("lite-client-" + group);
            header.setConsumerGroup(group);
            header.setTopic(topic);
            header.setMaxMsgNum(count);
            header.setInvisibleTime(60_000);
            header.setPollTime(3_000);
            header.setBornTime(System.currentTimeMillis());
            return call(RequestCode.POP_LITE_MESSAGE, header, null);
        }
    }

    private static void liteTopics(Lab lab) throws Exception {
        Caller caller = new Caller(lab);
        caller.makeTopic(1, "+message.type=LITE,+lite.topic.expiration=30");
        SubscriptionGroupConfig config = new SubscriptionGroupConfig();
        config.setGroupName(caller.group);
        config.setAttributes(new HashMap<>(Map.of("+lite.bind.topic", caller.topic)));
        byte[] encoded = RemotingSerializable.encode(config);
        int made = caller.call(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, null, encoded).getCode();
        Lab.equal(0, made, "code of the group");
        lab.await("the topic's route", () -> {
            try {
                return !caller.producer.fetchPublishMessageQueues(caller.topic).isEmpty();
            } catch (Exception unknown) {
                return false;
            }
        });
        for (String body : List.of("a", "b", "c")) {
            Message message = Lab.message(caller.topic, null, null, body);
            MessageAccessor.putProperty(message, "__LITE_TOPIC", "l1");
            Lab.sent(caller.producer.send(message));
        }
        LiteSubscriptionDTO wish = new LiteSubscriptionDTO();
        wish.setAction(LiteSubscriptionAction.PARTIAL_ADD);
        wish.setClientId("lite-client-" + caller.group);
        wish.setGroup(caller.group);
        wish.setTopic(caller.topic);
        wish.setLiteTopicSet(Set.of("l1"));
        LiteSubscriptionCtlRequestBody body = new LiteSubscriptionCtlRequestBody();
        body.setSubscriptionSet(Set.of(wish));
        int subscribed = caller
                .call(RequestCode.LITE_SUBSCRIPTION_CTL, new LiteSubscriptionCtlRequestHeader(), body.encode())
                .getCode();
        Lab.equal(0, subscribed, "code of the subscription");
        List<String> got = new ArrayList<>();
        lab.await("all messages", () -> {
            RemotingCommand found = caller.pop(2);
            if (found.getCode() != 0) return false;
            for (MessageExt message : MessageDecoder.decodes(ByteBuffer.wrap(found.getBody()))) {
                got.add(new String(message.getBody()));
                acknowledge(caller, found, message);
            }
            return got.size() >= 3;
        });
        Lab.equal(List.of("a", "b", "c"), got, "bodies in order");
        GetLiteTopicInfoRequestHeader ask = new GetLiteTopicInfoRequestHeader();
        ask.setParentTopic(caller.topic);
        ask.setLiteTopic("l1");
        RemotingCommand answer = caller.call(RequestCode.GET_LITE_TOPIC_INFO, ask, null);
        GetLiteTopicInfoResponseBody info =
                GetLiteTopicInfoResponseBody.decode(answer.getBody(), GetLiteTopicInfoResponseBody.class);
        Lab.equal(3L, info.getTopicOffset().getMaxOffset(), "messages of the lite topic");
        Lab.equal(1, info.getSubscriber().size(), "subscribers");
    }

    private static void acknowledge(Caller caller, RemotingCommand found, MessageExt message) throws Exception {
        Map<String, String> ext = found.getExtFields();
        String offset = message.getProperty("INNER_MULTI_QUEUE_OFFSET");
        AckMessageRequestHeader header = new AckMessageRequestHeader();
        header.setConsumerGroup(caller.group);
        header.setTopic(caller.topic);
        header.setLiteTopic("l1");
        header.setQueueId(0);
        header.setOffset(Long.parseLong(offset));
        header.setExtraInfo(offset + " " + ext.get("popTime") + " " + ext.get("invisibleTime") + " "
                + ext.get("reviveQid") + " 0 " + caller.broker + " 0 " + offset);
        Lab.equal(0, caller.call(RequestCode.ACK_MESSAGE, header, null).getCode(), "code of the ack");
    }

    private static void priorities(Lab lab) throws Exception {
        Caller caller = new Caller(lab);
        caller.makeTopic(4, "+message.type=PRIORITY");
        lab.await("the topic's route", () -> {
            try {
                return !caller.producer.fetchPublishMessageQueues(caller.topic).isEmpty();
            } catch (Exception unknown) {
                return false;
            }
        });
        List<Integer> queues = new ArrayList<>();
        for (int priority : new int[] {0, 2, 3, 9}) {
            Message message = Lab.message(caller.topic, null, null, "p" + priority);
            message.setPriority(priority);
            queues.add(caller.producer.send(message).getMessageQueue().getQueueId());
        }
        Lab.equal(List.of(0, 2, 3, 3), queues, "queues by priority");
    }
}
