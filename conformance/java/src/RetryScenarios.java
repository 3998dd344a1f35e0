import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Messages that come later: after a failure, after a delay, or as dead letters. */
final class RetryScenarios {
    /** How late is not what is looked at: that is up to the machine. */
    private static final long LATE_MS = 100_000;

    private RetryScenarios() {}

    /** One attempt, the retry ten seconds later, then the dead letter; all under official names. */
    static void retryDeadLetter(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        String group = lab.unique("G");
        Map<String, Queue<MessageExt>> attempts = new ConcurrentHashMap<>();
        Map<String, Queue<Long>> times = new ConcurrentHashMap<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(group);
        consumer.setMaxReconsumeTimes(1);
        consumer.setConsumeMessageBatchMaxSize(1);
        consumer.subscribe(topic, "TagA");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt message = messages.get(0);
            String body = Lab.text(message);
            attempts.computeIfAbsent(body, key -> new ConcurrentLinkedQueue<>()).add(message);
            times.computeIfAbsent(body, key -> new ConcurrentLinkedQueue<>()).add(System.currentTimeMillis());
            if (body.equals("good")) return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            if (body.equals("soon")) context.setDelayLevelWhenNextConsume(1);
            if (body.equals("dead")) context.setDelayLevelWhenNextConsume(-1);
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        consumer.start();
        Map<String, SendResult> results = new ConcurrentHashMap<>();
        for (String body : List.of("bad", "good", "soon", "dead")) {
            Message message = Lab.message(topic, "TagA", "key-" + body, body);
            message.putUserProperty("colour", "red");
            results.put(body, Lab.sent(producer.send(message)));
        }
        lab.await("the retries", () -> attempts.containsKey("bad") && attempts.get("bad").size() == 2
            && attempts.containsKey("soon") && attempts.get("soon").size() == 2);
        checkPause(times.get("bad"), 10_000);
        checkPause(times.get("soon"), 1000);
        for (String body : List.of("bad", "soon")) {
            MessageExt[] both = attempts.get(body).toArray(new MessageExt[0]);
            checkRetried(both[0], both[1], topic, results.get(body));
            Lab.equal("%RETRY%" + group, both[1].getProperty("REAL_TOPIC"), "topic it waited for");
            Lab.equal(body.equals("bad") ? "3" : "1", both[1].getProperty("DELAY"), "its delay level");
        }
        List<MessageExt> dead = lab.drain("%DLQ%" + group, 3);
        for (MessageExt message : dead) {
            checkDead(message, topic, results.get(Lab.text(message)));
            int attempted = attempts.get(Lab.text(message)).size();
            Lab.equal(attempted, message.getReconsumeTimes(), "attempts counted in a dead letter");
            Lab.equal("%DLQ%" + group, message.getTopic(), "topic of a dead letter");
            Lab.equal("TagA", message.getTags(), "tags of a dead letter");
            Lab.equal("key-" + Lab.text(message), message.getKeys(), "keys of a dead letter");
        }
        Lab.equal(1, attempts.get("good").size(), "attempts of the good one");
        Lab.equal(1, attempts.get("dead").size(), "attempts of the one sent to the dead letters at once");
    }

    private static void checkPause(Queue<Long> times, long pauseMs) {
        Long[] both = times.toArray(new Long[0]);
        long pause = both[1] - both[0];
        Lab.check(pause >= pauseMs - 50 && pause < pauseMs + LATE_MS, "Retried after " + pause + " ms");
    }

    private static void checkRetried(MessageExt first, MessageExt again, String topic, SendResult sent) {
        Lab.equal(0, first.getReconsumeTimes(), "attempts before the first one");
        Lab.equal(1, again.getReconsumeTimes(), "attempts before the retry");
        Lab.equal(topic, again.getTopic(), "topic that the listener sees");
        Lab.equal(topic, again.getProperty("RETRY_TOPIC"), "RETRY_TOPIC");
        Lab.equal(sent.getOffsetMsgId(), again.getProperty("ORIGIN_MESSAGE_ID"), "ORIGIN_MESSAGE_ID");
        Lab.equal(sent.getMsgId(), again.getMsgId(), "unique id of the retry");
        Lab.equal("TagA", again.getTags(), "tags of the retry");
        Lab.equal("red", again.getUserProperty("colour"), "user property of the retry");
        Lab.equal(first.getBornTimestamp(), again.getBornTimestamp(), "born timestamp");
    }

    private static void checkDead(MessageExt message, String topic, SendResult sent) {
        Lab.equal(topic, message.getProperty("RETRY_TOPIC"), "RETRY_TOPIC of a dead letter");
        Lab.equal(sent.getOffsetMsgId(), message.getProperty("ORIGIN_MESSAGE_ID"), "ORIGIN_MESSAGE_ID");
        Lab.equal(sent.getMsgId(), message.getMsgId(), "unique id of a dead letter");
        Lab.equal("red", message.getUserProperty("colour"), "user property of a dead letter");
        Lab.equal(0, message.getQueueId(), "queue of a dead letter");
    }

    /** An ordered consumer gives up after its attempts and sends the message on itself. */
    static void orderlyDeadLetter(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        String group = lab.unique("G");
        Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
        Queue<String> done = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(group);
        consumer.setMaxReconsumeTimes(1);
        consumer.setSuspendCurrentQueueTimeMillis(200);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            for (MessageExt message : messages) {
                if (Lab.text(message).equals("bad")) {
                    attempts.add(message.getReconsumeTimes());
                    return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
                }
                done.add(Lab.text(message));
            }
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
        SendResult bad = Lab.sent(producer.send(Lab.message(topic, null, null, "bad"), (queues, message, argument) -> queues.get(1), null));
        for (int i = 0; i < 3; i++) {
            Lab.sent(producer.send(Lab.message(topic, null, null, "after-" + i), (queues, message, argument) -> queues.get(1), null));
        }
        lab.await("what stood behind the bad one", () -> done.size() >= 4);
        // More than one when an answer was late for the client's own limit of 3 s.
        List<MessageExt> dead = lab.drainBodies("%DLQ%" + group, 1);
        MessageExt message = dead.get(0);
        Lab.equal("bad", Lab.text(message), "body of the dead letter");
        Lab.equal(topic, message.getProperty("RETRY_TOPIC"), "RETRY_TOPIC of a dead letter");
        // The client sends it with RECONSUME_TIME and MAX_RECONSUME_TIMES in the properties.
        int least = MQVersion.CURRENT_VERSION < MQVersion.Version.V5_0_0.ordinal() ? 1 : 2;
        // Each late answer was an attempt more.
        int late = attempts.size() - 2;
        int attempted = Integer.parseInt(message.getProperty("RECONSUME_TIME"));
        Lab.check(attempted >= least && attempted <= least + late, "RECONSUME_TIME is " + attempted + " after " + attempts);
        Lab.equal("1", message.getProperty("MAX_RECONSUME_TIMES"), "MAX_RECONSUME_TIMES");
        Lab.equal(bad.getMsgId(), message.getProperty("ORIGIN_MESSAGE_ID"), "ORIGIN_MESSAGE_ID");
        Lab.equal(IntStream.range(0, attempts.size()).boxed().toList(), List.copyOf(attempts), "attempts");
    }

    /** A delayed message comes when its time has come, never before. */
    static void delayLevels(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        Map<String, Long> received = new ConcurrentHashMap<>();
        Map<String, MessageExt> messages = new ConcurrentHashMap<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.subscribe(topic, "TagA || TagB");
        consumer.registerMessageListener((MessageListenerConcurrently) (batch, context) -> {
            for (MessageExt message : batch) {
                received.putIfAbsent(Lab.text(message), System.currentTimeMillis());
                messages.put(Lab.text(message), message);
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        Map<String, Long> delays = Map.of("none", 0L, "level-1", 1000L, "level-2", 5000L, "level-3", 10_000L);
        Map<String, Long> sent = new ConcurrentHashMap<>();
        Map<String, SendResult> results = new ConcurrentHashMap<>();
        for (String body : List.of("level-3", "level-2", "level-1", "none")) {
            Message message = Lab.message(topic, "TagB", "key-" + body, body);
            if (!body.equals("none")) message.setDelayTimeLevel(Integer.parseInt(body.substring(6)));
            sent.put(body, System.currentTimeMillis());
            results.put(body, Lab.sent(producer.send(message)));
        }
        lab.await("all four, got " + received.keySet(), () -> received.size() == 4);
        for (Map.Entry<String, Long> delay : delays.entrySet()) {
            String body = delay.getKey();
            long took = received.get(body) - sent.get(body);
            Lab.check(took >= delay.getValue() - 10 && took < delay.getValue() + LATE_MS,
                "The message of " + body + " came after " + took + " ms");
            MessageExt message = messages.get(body);
            Lab.equal(topic, message.getTopic(), "topic");
            Lab.equal("key-" + body, message.getKeys(), "keys");
            Lab.equal(results.get(body).getMsgId(), message.getMsgId(), "message id");
            if (body.equals("none")) continue;
            Lab.equal(body.substring(6), message.getProperty("DELAY"), "DELAY after the delay");
            Lab.equal(topic, message.getProperty("REAL_TOPIC"), "REAL_TOPIC after the delay");
            Lab.equal("" + message.getQueueId(), message.getProperty("REAL_QID"), "REAL_QID");
        }
    }
}
