import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Messages that follow from their number, so that a later run can tell whether all are there. */
final class Ledger {
    private static final int MAX_PADDING = 3000;

    private Ledger() {}

    /** Sends the messages from, from + 1, ... of a ledger, delayed unless the level is 0. */
    static void fill(Lab lab, String topic, int from, int count, int delayLevel) throws Exception {
        DefaultMQProducer producer = lab.producer();
        for (int i = from; i < from + count; i++) {
            Message message = entry(topic, i);
            if (delayLevel > 0) message.setDelayTimeLevel(delayLevel);
            Lab.sent(producer.send(message));
        }
    }

    /** A group gets the messages from up to (not including) to, and commits: not those before. */
    static void follow(Lab lab, String topic, String group, int from, int to) throws Exception {
        Queue<Integer> received = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(group);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                received.add(Integer.parseInt(message.getUserProperty("n")));
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        lab.await("messages " + from + " to " + to + " for " + group, () -> received.size() >= to - from);
        lab.commitSurely(consumer);
        consumer.shutdown();
        TreeSet<Integer> numbers = new TreeSet<>(received);
        Lab.equal(to - from, numbers.size(), "different messages for " + group);
        Lab.equal(from, numbers.first(), "first message for " + group);
        Lab.equal(to - 1, numbers.last(), "last message for " + group);
        Lab.equal(to - from, received.size(), "deliveries to " + group);
    }

    /** Reads the messages 0 to count - 1, each exactly once and as sent; finds some by key and id. */
    static void drain(Lab lab, String topic, int count) throws Exception {
        List<MessageExt> messages = lab.drain(topic, count);
        TreeSet<Integer> numbers = new TreeSet<>();
        for (MessageExt message : messages) {
            int i = Integer.parseInt(message.getUserProperty("n"));
            Message expected = entry(topic, i);
            Lab.check(numbers.add(i), "Twice: message " + i);
            Lab.equal(Lab.text(expected), Lab.text(message), "body of " + i);
            Lab.equal(expected.getTags(), message.getTags(), "tags of " + i);
            Lab.equal(expected.getKeys(), message.getKeys(), "keys of " + i);
        }
        Lab.check(numbers.first() == 0 && numbers.last() == count - 1, "Numbers " + numbers.first() + " to " + numbers.last());
        find(lab, topic, messages);
    }

    private static void find(Lab lab, String topic, List<MessageExt> messages) throws Exception {
        DefaultMQProducer producer = lab.producer();
        long now = System.currentTimeMillis();
        int step = Math.max(1, messages.size() / 20);
        for (int at = 0; at < messages.size(); at += step) {
            MessageExt message = messages.get(at);
            List<MessageExt> byKey = producer.queryMessage(topic, message.getKeys(), 10, 0, now + 60_000).getMessageList();
            Lab.equal(1, byKey.size(), "messages with the key " + message.getKeys());
            Lab.equal(Lab.text(message), Lab.text(byKey.get(0)), "body by key");
            MessageExt byId = producer.viewMessage(topic, message.getMsgId());
            Lab.check(byId != null, "Nothing by the id " + message.getMsgId());
            Lab.equal(Lab.text(message), Lab.text(byId), "body by id");
        }
    }

    private static Message entry(String topic, int i) {
        Message message = Lab.message(topic, "Tag" + i % 5, "entry-" + i, i + ":" + "x".repeat(i * 31 % MAX_PADDING));
        message.putUserProperty("n", String.valueOf(i));
        return message;
    }
}
