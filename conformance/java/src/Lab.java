import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.store.OffsetStore;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.consumer.DefaultMQPushConsumerImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** What a scenario works with: clients that are shut down after it, and names of its own. */
final class Lab implements AutoCloseable {
    interface Action {
        void run() throws Exception;
    }

    private static final String RUN = Long.toString(System.currentTimeMillis(), 36) + "-" + ProcessHandle.current().pid();
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final long PATIENCE_MS = 120_000;
    private static final long WARM_UP_MS = Long.getLong("warmUpMs", 60_000);
    /** Every broker with automatic topics has it. */
    private static final String TEMPLATE_TOPIC = "TBW102";

    final String namesrv;
    private final String name;
    private final List<Runnable> closers = new ArrayList<>();
    private volatile String waitingFor = "nothing in particular";

    Lab(String namesrv, String name) {
        this.namesrv = namesrv;
        this.name = name;
    }

    /** A name for a topic or group that nobody else uses. */
    String unique(String prefix) {
        return prefix + "-" + name + "-" + RUN + "-" + NAMES.incrementAndGet();
    }

    String waitingFor() {
        return waitingFor;
    }

    DefaultMQProducer producer() throws Exception {
        return producer(p -> {});
    }

    interface Setup<T> {
        void on(T client) throws Exception;
    }

    /** The official hook that signs requests, with -DaccessKey and -DsecretKey; null without them. */
    static RPCHook signer() {
        String accessKey = System.getProperty("accessKey");
        if (accessKey == null) return null;
        String secretKey = System.getProperty("secretKey", "");
        try {
            // In rocketmq-acl (4.9.8), or in the client itself (5.5.0): not there for all who compile this.
            Class<?> credentials = Class.forName("org.apache.rocketmq.acl.common.SessionCredentials");
            Object session = credentials.getConstructor(String.class, String.class).newInstance(accessKey, secretKey);
            Class<?> hook = Class.forName("org.apache.rocketmq.acl.common.AclClientRPCHook");
            return (RPCHook) hook.getConstructor(credentials).newInstance(session);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("No AclClientRPCHook", e);
        }
    }

    DefaultMQProducer producer(Setup<DefaultMQProducer> setup) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(unique("PG"), signer());
        producer.setNamesrvAddr(namesrv);
        producer.setInstanceName(unique("i"));
        producer.setSendMsgTimeout(60_000);
        producer.setPollNameServerInterval(1000);
        producer.setHeartbeatBrokerInterval(1000);
        producer.setMqClientApiTimeout(30_000);
        setup.on(producer);
        producer.start();
        onClose(producer::shutdown);
        warmUp(producer);
        return producer;
    }

    /**
     * Until the name server answers, for a while: a send gives up when the client's own thread takes
     * more than 3 s to connect, as it may on a busy machine.
     */
    private static void warmUp(DefaultMQProducer producer) throws InterruptedException {
        long deadline = System.currentTimeMillis() + WARM_UP_MS;
        while (System.currentTimeMillis() < deadline) {
            try {
                producer.fetchPublishMessageQueues(TEMPLATE_TOPIC);
                return;
            } catch (MQClientException e) {
                Thread.sleep(50);
            }
        }
    }

    /** Not started: the scenario subscribes, registers its listener and starts it. */
    DefaultMQPushConsumer pushConsumer(String group) {
        DefaultMQPushConsumer consumer = 
            new DefaultMQPushConsumer(group, signer(), new AllocateMessageQueueAveragely());
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName(unique("i"));
        consumer.setPollNameServerInterval(1000);
        consumer.setMqClientApiTimeout(30_000);
        // A heartbeat that finds another one under way is not sent (seen with 5.5.0). Until the next one
        // the broker holds an old subscription and refuses all pulls: by default for 30 s.
        consumer.setHeartbeatBrokerInterval(1000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        // The offset of what was just consumed must be told before it leaves.
        consumer.setAwaitTerminationMillisWhenShutdown(3000);
        consumer.setConsumeThreadMin(4);
        consumer.setConsumeThreadMax(8);
        onClose(consumer::shutdown);
        return consumer;
    }

    /** Not started, and committing only when told. */
    DefaultLitePullConsumer pullConsumer(String group) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group, signer());
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName(unique("i"));
        consumer.setPollNameServerInterval(1000);
        consumer.setMqClientApiTimeout(30_000);
        // A heartbeat that finds another one under way is not sent (seen with 5.5.0). Until the next one
        // the broker holds an old subscription and refuses all pulls: by default for 30 s.
        consumer.setHeartbeatBrokerInterval(1000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setAutoCommit(false);
        onClose(consumer::shutdown);
        return consumer;
    }

    /** Makes a topic as the official clients do by default: with its first message. */
    String topic(DefaultMQProducer producer, String prefix) throws Exception {
        String topic = unique(prefix);
        sent(producer.send(message(topic, null, null, "first")));
        return topic;
    }

    static Message message(String topic, String tags, String keys, String body) {
        return new Message(topic, tags, keys, body.getBytes(StandardCharsets.UTF_8));
    }

    static String text(Message message) {
        return new String(message.getBody(), StandardCharsets.UTF_8);
    }

    static SendResult sent(SendResult result) {
        equal(SendStatus.SEND_OK, result.getSendStatus(), "status of a send");
        return result;
    }

    /** All queues of a topic, in their order; waits until the topic is known. */
    List<MessageQueue> queues(DefaultLitePullConsumer consumer, String topic) throws Exception {
        List<MessageQueue> queues = new ArrayList<>();
        await("the route of " + topic, () -> {
            try {
                Collection<MessageQueue> found = consumer.fetchMessageQueues(topic);
                queues.clear();
                queues.addAll(found);
            } catch (org.apache.rocketmq.client.exception.MQClientException e) {
                return false;
            }
            return !queues.isEmpty();
        });
        queues.sort(Comparator.naturalOrder());
        return queues;
    }

    /** Reads a topic from its beginning until there are so many messages; refuses more. */
    List<MessageExt> drain(String topic, int count) throws Exception {
        DefaultLitePullConsumer consumer = pullConsumer(unique("DG"));
        consumer.start();
        List<MessageQueue> queues = queues(consumer, topic);
        // A new group begins at the beginning. To seek there would race with the first pulls.
        consumer.assign(queues);
        List<MessageExt> messages = new ArrayList<>();
        await(count + " messages of " + topic + ", got " + messages.size(), () -> {
            messages.addAll(consumer.poll(200));
            waitingFor = count + " messages of " + topic + ", got " + messages.size();
            return messages.size() >= count;
        });
        messages.addAll(consumer.poll(50));
        equal(count, messages.size(), "messages of " + topic);
        consumer.shutdown();
        return messages;
    }

    /** All messages of a topic, once so many different bodies are there; each may be there twice. */
    List<MessageExt> drainBodies(String topic, int bodies) throws Exception {
        DefaultLitePullConsumer consumer = pullConsumer(unique("DG"));
        consumer.start();
        consumer.assign(queues(consumer, topic));
        List<MessageExt> messages = new ArrayList<>();
        await(bodies + " bodies of " + topic, () -> {
            messages.addAll(consumer.poll(200));
            long found = messages.stream().map(Lab::text).distinct().count();
            waitingFor = bodies + " bodies of " + topic + ", got " + found;
            return found >= bodies;
        });
        messages.addAll(consumer.poll(200));
        consumer.shutdown();
        return messages;
    }

    /**
     * Commits until the broker has all of it. Of the first offsets of a group, committed at once, Apache's
     * may lose some: each of the requests may make a table for the group, and one of these stays.
     */
    void commitSurely(DefaultMQPushConsumer consumer) throws Exception {
        DefaultMQPushConsumerImpl inner = consumer.getDefaultMQPushConsumerImpl();
        OffsetStore offsets = inner.getOffsetStore();
        await("the offsets at the broker", () -> {
            inner.persistConsumerOffset();
            boolean isKept = true;
            for (MessageQueue queue : inner.getRebalanceImpl().getProcessQueueTable().keySet()) {
                long wanted = offsets.readOffset(queue, ReadOffsetType.READ_FROM_MEMORY);
                if (wanted < 0) continue;
                isKept &= offsets.readOffset(queue, ReadOffsetType.READ_FROM_STORE) == wanted;
                // What was read is in memory now.
                offsets.updateOffset(queue, wanted, false);
            }
            return isKept;
        });
    }

    void await(String what, Callable<Boolean> condition) throws Exception {
        await(what, PATIENCE_MS, condition);
    }

    void await(String what, long ms, Callable<Boolean> condition) throws Exception {
        waitingFor = what;
        long deadline = System.currentTimeMillis() + ms;
        while (!condition.call()) {
            if (System.currentTimeMillis() > deadline) {
                throw new AssertionError("Waited " + ms + " ms in vain for " + waitingFor);
            }
            Thread.sleep(10);
        }
        waitingFor = "something after " + what;
    }

    static void equal(Object expected, Object actual, String what) {
        if (Objects.equals(expected, actual)) return;
        throw new AssertionError("Expected " + expected + " as " + what + ", got " + actual);
    }

    static void check(boolean condition, String what) {
        if (!condition) throw new AssertionError(what);
    }

    /** The error that an action must end with. */
    static <E extends Exception> E refused(Class<E> type, String what, Action action) throws Exception {
        try {
            action.run();
        } catch (Exception e) {
            if (type.isInstance(e)) return type.cast(e);
            throw e;
        }
        throw new AssertionError("Nobody refused " + what);
    }

    /** For clients that the scenario makes itself. */
    void closing(Runnable closer) {
        onClose(closer);
    }

    private synchronized void onClose(Runnable closer) {
        closers.add(closer);
    }

    @Override
    public synchronized void close() {
        for (Runnable closer : closers) {
            try {
                closer.run();
            } catch (RuntimeException e) {
                System.err.println("While closing " + name + ": " + e);
            }
        }
    }
}
