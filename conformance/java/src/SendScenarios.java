import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;

/** What a producer sends is what a consumer reads. */
final class SendScenarios {
    private static final int FOUR_MIB = 4 * 1024 * 1024;

    private SendScenarios() {}

    static void sync(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.unique("T");
        Map<String, SendResult> results = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            Message message = Lab.message(topic, "Tag" + i % 3, "key-" + i, "body-" + i + "-äöü€😀");
            message.setFlag(i);
            message.putUserProperty("colour", "grün " + i);
            results.put(Lab.text(message), Lab.sent(producer.send(message)));
        }
        for (MessageExt message : lab.drain(topic, 100)) {
            String body = Lab.text(message);
            int i = Integer.parseInt(body.split("-")[1]);
            SendResult result = results.remove(body);
            Lab.check(result != null, "Read once only: " + body);
            Lab.equal("Tag" + i % 3, message.getTags(), "tags");
            Lab.equal("key-" + i, message.getKeys(), "keys");
            Lab.equal(i, message.getFlag(), "flag");
            Lab.equal("grün " + i, message.getUserProperty("colour"), "user property");
            Lab.equal(result.getMsgId(), message.getMsgId(), "message id");
            Lab.equal(result.getQueueOffset(), message.getQueueOffset(), "queue offset");
            Lab.equal(result.getMessageQueue().getQueueId(), message.getQueueId(), "queue id");
            Lab.equal(result.getMessageQueue().getBrokerName(), message.getBrokerName(), "broker");
            long age = System.currentTimeMillis() - message.getStoreTimestamp();
            Lab.check(age >= 0 && age < 600_000, "Store timestamp: " + message.getStoreTimestamp());
        }
        TreeSet<Integer> queues = new TreeSet<>();
        for (MessageQueue queue : producer.fetchPublishMessageQueues(topic)) queues.add(queue.getQueueId());
        Lab.equal(new TreeSet<>(List.of(0, 1, 2, 3)), queues, "queues of a topic made by a send");
    }

    static void async(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        int count = 500;
        CountDownLatch answers = new CountDownLatch(count);
        ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < count; i++) {
            producer.send(Lab.message(topic, "A", null, "body-" + i), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    acknowledged.add(result.getMsgId());
                    answers.countDown();
                }

                @Override
                public void onException(Throwable error) {
                    errors.add(error);
                    answers.countDown();
                }
            });
        }
        Lab.check(answers.await(120, TimeUnit.SECONDS), "Answers missing: " + answers.getCount());
        Lab.check(errors.isEmpty(), "Failed sends: " + errors.size() + ", first " + errors.peek());
        TreeSet<String> read = new TreeSet<>();
        for (MessageExt message : lab.drain(topic, count + 1)) {
            if (!Lab.text(message).equals("first")) read.add(message.getMsgId());
        }
        Lab.equal(new TreeSet<>(acknowledged), read, "message ids");
    }

    static void oneway(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        TreeSet<String> expected = new TreeSet<>(List.of("first"));
        for (int i = 0; i < 200; i++) {
            producer.sendOneway(Lab.message(topic, null, null, "body-" + i));
            expected.add("body-" + i);
        }
        TreeSet<String> read = new TreeSet<>();
        for (MessageExt message : lab.drain(topic, 201)) read.add(Lab.text(message));
        Lab.equal(expected, read, "bodies");
    }

    static void batch(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Message message = Lab.message(topic, "Tag" + i % 2, "key-" + i, "body-" + i);
            message.putUserProperty("n", String.valueOf(i));
            messages.add(message);
        }
        SendResult result = Lab.sent(producer.send(messages));
        List<String> ids = Arrays.asList(result.getMsgId().split(","));
        Lab.equal(50, ids.size(), "message ids of a batch");
        List<String> offsetIds = Arrays.asList(result.getOffsetMsgId().split(","));
        Lab.equal(50, offsetIds.size(), "offset message ids of a batch");
        List<MessageExt> read = lab.drain(topic, 51);
        read.removeIf(message -> Lab.text(message).equals("first"));
        for (int i = 0; i < 50; i++) {
            MessageExt message = read.get(i);
            Lab.equal("body-" + i, Lab.text(message), "body");
            Lab.equal(ids.get(i), message.getMsgId(), "message id");
            Lab.equal(result.getQueueOffset() + i, message.getQueueOffset(), "queue offset");
            Lab.equal("Tag" + i % 2, message.getTags(), "tags");
            Lab.equal("key-" + i, message.getKeys(), "keys");
            Lab.equal("" + i, message.getUserProperty("n"), "user property");
            MessageExt viewed = producer.viewMessage(topic, offsetIds.get(i));
            Lab.equal("body-" + i, Lab.text(viewed), "body by offset message id");
        }
    }

    static void ordered(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        for (int i = 0; i < 200; i++) {
            String order = "order-" + i % 10;
            Message message = Lab.message(topic, null, order, order + ":" + i / 10);
            SendResult result = Lab.sent(producer.send(message, new SelectMessageQueueByHash(), order));
            Lab.equal(Math.abs(order.hashCode() % 4), result.getMessageQueue().getQueueId(), "queue");
        }
        Map<String, Integer> next = new HashMap<>();
        for (MessageExt message : lab.drain(topic, 201)) {
            if (Lab.text(message).equals("first")) continue;
            String[] parts = Lab.text(message).split(":");
            int step = next.merge(parts[0], 1, Integer::sum) - 1;
            Lab.equal(step, Integer.parseInt(parts[1]), "next step of " + parts[0]);
        }
        Lab.equal(10, next.size(), "orders");
    }

    static void bigBodies(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer(p -> p.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE));
        String topic = lab.topic(producer, "T");
        Random random = new Random(4);
        List<byte[]> bodies = new ArrayList<>();
        for (int size : new int[] {FOUR_MIB, FOUR_MIB - 1, FOUR_MIB - 65_536, 1_000_000, 1}) {
            byte[] body = new byte[size];
            random.nextBytes(body);
            bodies.add(body);
            Lab.sent(producer.send(new Message(topic, body)));
        }
        List<MessageExt> read = lab.drain(topic, bodies.size() + 1);
        read.removeIf(message -> Lab.text(message).equals("first"));
        for (byte[] body : bodies) {
            boolean found = read.removeIf(message -> Arrays.equals(body, message.getBody()));
            Lab.check(found, "Not read: a body of " + body.length + " bytes");
        }
    }

    static void compressedBodies(Lab lab) throws Exception {
        Map<String, Integer> types = new HashMap<>();
        types.put("ZLIB", MessageSysFlag.COMPRESSION_ZLIB_TYPE);
        types.put("LZ4", MessageSysFlag.COMPRESSION_LZ4_TYPE);
        types.put("ZSTD", MessageSysFlag.COMPRESSION_ZSTD_TYPE);
        String body = "compressible ".repeat(20_000);
        for (Map.Entry<String, Integer> type : types.entrySet()) {
            DefaultMQProducer producer = producerThatCompresses(lab, type.getKey());
            String topic = lab.topic(producer, "T-" + type.getKey());
            Lab.sent(producer.send(Lab.message(topic, null, null, body)));
            List<MessageExt> read = lab.drain(topic, 2);
            read.removeIf(message -> Lab.text(message).equals("first"));
            MessageExt message = read.get(0);
            Lab.equal(body, Lab.text(message), "body");
            int kind = message.getSysFlag() & MessageSysFlag.COMPRESSION_TYPE_COMPARATOR;
            Lab.equal(type.getValue(), kind, "compression of " + type.getKey());
            int stored = message.getStoreSize();
            Lab.check(stored < 50_000, "Stored size " + stored + " of " + body.length());
        }
    }

    /** Both clients take the algorithm from a system property when a producer is made. */
    private static DefaultMQProducer producerThatCompresses(Lab lab, String type) throws Exception {
        synchronized (SendScenarios.class) {
            System.setProperty("rocketmq.message.compressType", type);
            try {
                return lab.producer();
            } finally {
                System.clearProperty("rocketmq.message.compressType");
            }
        }
    }

    /** Sends and administration go to the broker's second port, its own port minus 2. */
    static void vipChannel(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer(p -> p.setVipChannelEnabled(true));
        String topic = lab.unique("T");
        for (int i = 0; i < 20; i++) Lab.sent(producer.send(Lab.message(topic, null, null, "body-" + i)));
        TreeSet<String> read = new TreeSet<>();
        for (MessageExt message : lab.drain(topic, 20)) read.add(Lab.text(message));
        Lab.equal(20, read.size(), "bodies");
    }

    static void createTopic(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.unique("T");
        Administration.createTopic(producer, topic, 7);
        TreeSet<Integer> queues = new TreeSet<>();
        lab.await("the route of " + topic, () -> {
            try {
                for (MessageQueue queue : producer.fetchPublishMessageQueues(topic)) {
                    queues.add(queue.getQueueId());
                }
                return true;
            } catch (MQClientException e) {
                return false;
            }
        });
        Lab.equal(new TreeSet<>(List.of(0, 1, 2, 3, 4, 5, 6)), queues, "queues");
        for (int i = 0; i < 7; i++) Lab.sent(producer.send(Lab.message(topic, null, null, "body-" + i)));
        lab.drain(topic, 7);
    }

    /** What must fail fails at once, with the official code. */
    static void refusals(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer(p -> {
            p.setMaxMessageSize(2 * FOUR_MIB);
            p.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
            p.setRetryTimesWhenSendFailed(0);
        });
        String topic = lab.topic(producer, "T");
        MQBrokerException illegal = Lab.refused(MQBrokerException.class, "a body over 4 MiB",
            () -> producer.send(new Message(topic, new byte[FOUR_MIB + 1])));
        Lab.equal(13, illegal.getResponseCode(), "code for a body over 4 MiB");
        MessageQueue absent = new MessageQueue(topic, brokerOf(producer, topic), 99);
        MQBrokerException queue = Lab.refused(MQBrokerException.class, "queue 99",
            () -> producer.send(Lab.message(topic, null, null, "x"), absent));
        Lab.check(queue.getResponseCode() == 29 || queue.getResponseCode() == 1,
            "Code for queue 99: " + queue.getResponseCode() + " " + queue.getErrorMessage());
        Message long32k = Lab.message(topic, null, null, "x");
        long32k.putUserProperty("long", "y".repeat(40_000));
        MQBrokerException properties = Lab.refused(MQBrokerException.class, "properties of 40,000 bytes",
            () -> producer.send(long32k));
        Lab.equal(13, properties.getResponseCode(), "code for properties of 40,000 bytes");
        Lab.sent(producer.send(Lab.message(topic, null, null, "after")));
        List<String> read = new ArrayList<>();
        for (MessageExt message : lab.drain(topic, 2)) read.add(new String(message.getBody(), UTF_8));
        Lab.equal(new TreeSet<>(List.of("first", "after")), new TreeSet<>(read), "bodies");
    }

    private static String brokerOf(DefaultMQProducer producer, String topic) throws Exception {
        return producer.fetchPublishMessageQueues(topic).get(0).getBrokerName();
    }
}
