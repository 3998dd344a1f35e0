import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.remoting.protocol.DataVersion;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.SerializeType;
import org.apache.rocketmq.remoting.protocol.body.*;
import org.apache.rocketmq.remoting.protocol.header.*;
import org.apache.rocketmq.remoting.protocol.header.namesrv.*;
import org.apache.rocketmq.remoting.protocol.heartbeat.*;
import org.apache.rocketmq.remoting.protocol.route.*;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;

/**
 * Prints wire.txt: what the official 5.5.0 encoders make of some commands and bodies, as "name hex".
 * Run with the jars of rocketmq-broker 5.5.0 on the class path: java -cp 'lib/*' WireTable.java
 */
public class WireTable {
    static void print(String name, byte[] bytes) {
        StringBuilder hex = new StringBuilder(name).append(' ');
        for (byte one : bytes) hex.append(String.format("%02x", one));
        System.out.println(hex);
    }

    static void frame(String name, RemotingCommand command) {
        command.setOpaque(7);
        command.setVersion(513);
        for (SerializeType type : SerializeType.values()) {
            command.setSerializeTypeCurrentRPC(type);
            ByteBuffer buffer = command.encode();
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            print(name + "/" + type, bytes);
        }
    }

    public static void main(String[] args) throws Exception {
        SendMessageRequestHeaderV2 send = new SendMessageRequestHeaderV2();
        send.setA("GroupA"); send.setB("TopicA"); send.setC("TBW102"); send.setD(4); send.setE(2); send.setF(0);
        send.setG(1700000000123L); send.setH(0); send.setI("KEYS\u0001k1 k2\u0002TAGS\u0001\u6807\u7b7e\"\\\u0002"); send.setJ(0); send.setK(false); send.setM(false);
        RemotingCommand sending = RemotingCommand.createRequestCommand(310, send);
        sending.setBody("body \u00fc".getBytes(StandardCharsets.UTF_8));
        frame("send", sending);

        PullMessageRequestHeader pull = new PullMessageRequestHeader();
        pull.setConsumerGroup("GroupA"); pull.setTopic("TopicA"); pull.setQueueId(3); pull.setQueueOffset(1234567890123L); pull.setMaxMsgNums(32);
        pull.setSysFlag(6); pull.setCommitOffset(0L); pull.setSuspendTimeoutMillis(15000L); pull.setSubscription("A || B"); pull.setSubVersion(1700000000123L); pull.setExpressionType("TAG");
        frame("pull", RemotingCommand.createRequestCommand(11, pull));

        RemotingCommand answer = RemotingCommand.createResponseCommand(17, "No route, \u4e2d\u6587\nline");
        frame("error", answer);
        RemotingCommand oneway = RemotingCommand.createRequestCommand(35, null);
        oneway.markOnewayRPC();
        frame("oneway", oneway);

        TopicRouteData route = new TopicRouteData();
        QueueData queue = new QueueData();
        queue.setBrokerName("broker-a"); queue.setPerm(6); queue.setReadQueueNums(8); queue.setWriteQueueNums(4); queue.setTopicSysFlag(0);
        BrokerData broker = new BrokerData("DefaultCluster", "broker-a", new HashMap<>(Map.of(0L, "10.0.0.1:10911", 1L, "10.0.0.2:10911")));
        route.setQueueDatas(List.of(queue)); route.setBrokerDatas(List.of(broker)); route.setFilterServerTable(new HashMap<>()); route.setOrderTopicConf("broker-a:4");
        print("body/route", route.encode());

        ClusterInfo cluster = new ClusterInfo();
        cluster.setBrokerAddrTable(new HashMap<>(Map.of("broker-a", broker))); cluster.setClusterAddrTable(new HashMap<>(Map.of("DefaultCluster", new HashSet<>(Set.of("broker-a")))));
        print("body/cluster", cluster.encode());

        HeartbeatData heartbeat = new HeartbeatData();
        heartbeat.setClientID("10.0.0.1@1");
        ProducerData producer = new ProducerData(); producer.setGroupName("P");
        heartbeat.getProducerDataSet().add(producer);
        ConsumerData consumer = new ConsumerData();
        consumer.setGroupName("C"); consumer.setConsumeType(ConsumeType.CONSUME_PASSIVELY); consumer.setMessageModel(MessageModel.CLUSTERING); consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        SubscriptionData subscription = new SubscriptionData("TopicA", "A"); subscription.setSubVersion(1700000000123L); subscription.getTagsSet().add("A"); subscription.getCodeSet().add(65);
        consumer.getSubscriptionDataSet().add(subscription);
        heartbeat.getConsumerDataSet().add(consumer);
        print("body/heartbeat", heartbeat.encode());

        LockBatchRequestBody lock = new LockBatchRequestBody();
        lock.setConsumerGroup("C"); lock.setClientId("10.0.0.1@1"); lock.getMqSet().add(new MessageQueue("TopicA", "broker-a", 2));
        print("body/lock", lock.encode());

        DataVersion version = new DataVersion();
        version.setTimestamp(1700000000123L); version.setCounter(new java.util.concurrent.atomic.AtomicLong(5));
        TopicConfig topic = new TopicConfig("TopicA", 8, 4, 6); topic.setOrder(true); topic.setTopicSysFlag(1); topic.getAttributes().put("message.type", "FIFO");
        RegisterBrokerBody body = new RegisterBrokerBody();
        TopicConfigAndMappingSerializeWrapper wrapper = new TopicConfigAndMappingSerializeWrapper();
        wrapper.getTopicConfigTable().put("TopicA", topic); wrapper.setDataVersion(version); wrapper.getMappingDataVersion().setTimestamp(0L);
        body.setTopicConfigSerializeWrapper(wrapper); body.setFilterServerList(new ArrayList<>(List.of("10.0.0.1:3000")));
        print("body/register", body.encode(false));
        print("body/register-compressed", body.encode(true));

        SubscriptionGroupConfig group = new SubscriptionGroupConfig(); group.setGroupName("C"); group.setRetryMaxTimes(3);
        print("body/group", RemotingSerial.of(group));
        GetConsumerListByGroupResponseBody list = new GetConsumerListByGroupResponseBody(); list.setConsumerIdList(new ArrayList<>(List.of("a@1", "b@2")));
        print("body/consumers", list.encode());
    }

    /** Java's static encoder needs an object of any class. */
    static class RemotingSerial {
        static byte[] of(Object object) { return org.apache.rocketmq.remoting.protocol.RemotingSerializable.encode(object); }
    }
}
