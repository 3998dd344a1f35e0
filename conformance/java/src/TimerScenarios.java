import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Messages for a time, and their recall. Properties are set by name, so that both client versions
 * can ask for them. Apache is exact to a second: how late is not checked, too early is.
 */
final class TimerScenarios {
    private static final String DELAY_SECONDS = "TIMER_DELAY_SEC";
    private static final String DELAY_MS = "TIMER_DELAY_MS";
    private static final String DELIVER_MS = "TIMER_DELIVER_MS";
    private static final int ILLEGAL_MESSAGE = 13;
    private static final int ILLEGAL_OPERATION = 604;
    /** A hundred days: over every limit that anybody has by default. */
    private static final long TOO_LATE_MS = 100L * 24 * 3600 * 1000;

    private TimerScenarios() {}

    /** All three ways to say when, many of each. */
    static void times(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        Map<String, Long> due = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            Message message = Lab.message(topic, "Tag" + i % 2, "key-" + i, "timer-" + i);
            message.setFlag(i);
            long now = System.currentTimeMillis();
            long when = when(message, i, now);
            SendResult result = Lab.sent(producer.send(message));
            due.put(Lab.text(message), when);
            Lab.check(result.getMsgId() != null, "A message id");
        }
        for (MessageExt message : lab.drain(topic, 31)) {
            if (Lab.text(message).equals("first")) continue;
            long seen = message.getStoreTimestamp();
            Long when = due.remove(Lab.text(message));
            Lab.check(when != null, "Delivered once: " + Lab.text(message));
            int i = Integer.parseInt(Lab.text(message).split("-")[1]);
            Lab.check(seen >= when, Lab.text(message) + " came " + (when - seen) + " ms too early");
            Lab.equal("Tag" + i % 2, message.getTags(), "tags");
            Lab.equal("key-" + i, message.getKeys(), "keys");
            Lab.equal(i, message.getFlag(), "flag");
            Lab.equal(topic, message.getProperty("REAL_TOPIC"), "real topic");
            Lab.check(message.getProperty("TIMER_OUT_MS") != null, "TIMER_OUT_MS");
            Lab.check(message.getProperty("TIMER_ENQUEUE_MS") != null, "TIMER_ENQUEUE_MS");
            Lab.check(message.getProperty("TIMER_DEQUEUE_MS") != null, "TIMER_DEQUEUE_MS");
        }
        Lab.check(due.isEmpty(), "All came: " + due.keySet());
    }

    /** Sets when a message is due, in one of the three ways. */
    private static long when(Message message, int i, long now) {
        long delay = 1000 + 150L * i;
        switch (i % 3) {
            case 0:
                message.putUserProperty("seconds", "yes");
                put(message, DELAY_SECONDS, String.valueOf(1 + i / 10));
                return now + 1000 * (1 + i / 10);
            case 1:
                put(message, DELAY_MS, String.valueOf(delay));
                return now + delay;
            default:
                put(message, DELIVER_MS, String.valueOf(now + delay));
                return now + delay;
        }
    }

    private static void put(Message message, String name, String value) {
        org.apache.rocketmq.common.message.MessageAccessor.putProperty(message, name, value);
    }

    /** What is in the past comes at once; what is too far away, or no number, is refused. */
    static void limits(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer(p -> p.setRetryTimesWhenSendFailed(0));
        String topic = lab.topic(producer, "T");
        Message past = Lab.message(topic, null, null, "past");
        put(past, DELIVER_MS, String.valueOf(System.currentTimeMillis() - 5000));
        Lab.sent(producer.send(past));
        Lab.equal(2, lab.drain(topic, 2).size(), "messages without a wait");
        Message far = Lab.message(topic, null, null, "far");
        put(far, DELIVER_MS, String.valueOf(System.currentTimeMillis() + TOO_LATE_MS));
        MQBrokerException late = Lab.refused(MQBrokerException.class, "a far time", () -> producer.send(far));
        Lab.equal(ILLEGAL_MESSAGE, late.getResponseCode(), "code of a time too far away");
        Lab.check(late.getErrorMessage().contains("timer message illegal"), late.getErrorMessage());
        Message bad = Lab.message(topic, null, null, "bad");
        put(bad, DELIVER_MS, "tomorrow");
        MQBrokerException word = Lab.refused(MQBrokerException.class, "a word", () -> producer.send(bad));
        Lab.equal(ILLEGAL_MESSAGE, word.getResponseCode(), "code of a time that is a word");
        // The level wins over the time.
        Message both = Lab.message(topic, null, null, "both");
        both.setDelayTimeLevel(1);
        put(both, DELIVER_MS, String.valueOf(System.currentTimeMillis() + 60_000));
        Lab.sent(producer.send(both));
        Lab.equal(3, lab.drain(topic, 3).size(), "messages with the level's delay");
    }

    /** Only a client that can recall has the scenario. */
    static boolean canRecall() {
        try {
            DefaultMQProducer.class.getMethod("recallMessage", String.class, String.class);
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    /** Half of the messages are recalled and never come; what has come cannot be recalled. */
    static void recall(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        List<String> handles = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Message message = Lab.message(topic, null, null, "timer-" + i);
            put(message, DELAY_MS, String.valueOf(8000 + 20 * i));
            SendResult result = Lab.sent(producer.send(message));
            String handle = (String) SendResult.class.getMethod("getRecallHandle").invoke(result);
            Lab.check(handle != null, "A handle to recall it by");
            String text = new String(Base64.getUrlDecoder().decode(handle), StandardCharsets.UTF_8);
            String[] parts = text.split(" ");
            Lab.equal(5, parts.length, "parts of " + text);
            Lab.equal("v1", parts[0], "version of the handle");
            Lab.equal(topic, parts[1], "topic of the handle");
            Lab.equal(result.getMsgId(), parts[4], "message of the handle");
            handles.add(handle);
            if (i % 2 == 0) Lab.equal(result.getMsgId(), recall(producer, topic, handle), "recalled");
        }
        List<MessageExt> messages = lab.drain(topic, 11);
        for (MessageExt message : messages) {
            if (Lab.text(message).equals("first")) continue;
            Lab.equal(1, Integer.parseInt(Lab.text(message).split("-")[1]) % 2, "not recalled");
        }
        MQBrokerException late = Lab.refused(MQBrokerException.class, "a recall of what has come",
            () -> recall(producer, topic, handles.get(1)));
        Lab.equal(ILLEGAL_OPERATION, late.getResponseCode(), "code of a late recall");
        MQBrokerException other = Lab.refused(MQBrokerException.class, "a recall for another topic",
            () -> recall(producer, lab.topic(producer, "O"), handles.get(1)));
        Lab.equal(ILLEGAL_OPERATION, other.getResponseCode(), "code of a recall for another topic");
    }

    private static String recall(DefaultMQProducer producer, String topic, String handle) throws Exception {
        try {
            return (String) DefaultMQProducer.class.getMethod("recallMessage", String.class, String.class)
                .invoke(producer, topic, handle);
        } catch (java.lang.reflect.InvocationTargetException e) {
            throw e.getCause() instanceof Exception ? (Exception) e.getCause() : e;
        }
    }
}
