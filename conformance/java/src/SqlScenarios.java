import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Consumers that choose messages by their properties, with SQL92. Brokers need enablePropertyFilter. */
final class SqlScenarios {
    private static final int SUBSCRIPTION_PARSE_FAILED = 23;
    private static final int MESSAGES = 60;

    private SqlScenarios() {}

    /** A push consumer gets what its expression wants and nothing else, also while its pull waits. */
    static void push(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        Set<String> seen = new ConcurrentSkipListSet<>();
        send(producer, topic, "early", MESSAGES);
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.subscribe(topic, MessageSelector.bySql(
            "(price BETWEEN 10 AND 12 OR price IS NULL AND odd = 'it''s') AND TAGS IN ('even', 'odd') "
                + "AND name NOT STARTSWITH 'x' AND NOT (price = 11 AND discount > 1.5)"));
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) seen.add(Lab.text(message));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        Set<String> early = new TreeSet<>(Set.of("early10", "early12"));
        lab.await("the early ones", () -> seen.containsAll(early));
        send(producer, topic, "late", MESSAGES);
        Message odd = Lab.message(topic, "odd", null, "without a price");
        odd.putUserProperty("odd", "it's");
        odd.putUserProperty("name", "n");
        // Or NOT (unknown AND unknown) would be unknown.
        odd.putUserProperty("discount", "1");
        Lab.sent(producer.send(odd));
        Set<String> all = new TreeSet<>(Set.of("early10", "early12", "late10", "late12", "without a price"));
        lab.await("the late ones", () -> seen.containsAll(all));
        Lab.equal(all, new TreeSet<>(seen), "what came");
    }

    /** What is sent back comes again, though the retry topic's messages have other names. */
    static void retry(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        AtomicInteger tries = new AtomicInteger();
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.subscribe(topic, MessageSelector.bySql("price = 7"));
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            context.setDelayLevelWhenNextConsume(1);
            return tries.incrementAndGet() < 3
                ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        send(producer, topic, "m", 10);
        lab.await("the third try", () -> tries.get() >= 3);
    }

    static void litePull(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        send(producer, topic, "m", MESSAGES);
        DefaultLitePullConsumer consumer = lab.pullConsumer(lab.unique("G"));
        consumer.subscribe(topic, MessageSelector.bySql("price >= 58 OR name CONTAINS '3-'"));
        consumer.start();
        Set<String> seen = new TreeSet<>();
        Set<String> wanted = new TreeSet<>(Set.of("m58", "m59", "m3", "m13", "m23", "m33", "m43", "m53"));
        lab.await("all that match", () -> {
            for (MessageExt message : consumer.poll(200)) seen.add(Lab.text(message));
            return seen.containsAll(wanted);
        });
        Lab.equal(wanted, seen, "what came");
    }

    /** A wrong expression is refused when the consumer starts. */
    static void refused(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.subscribe(topic, MessageSelector.bySql("price > 'seven'"));
        consumer.registerMessageListener(
            (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        try {
            consumer.start();
        } catch (MQClientException e) {
            Lab.equal(SUBSCRIPTION_PARSE_FAILED, e.getResponseCode(), "code");
            return;
        }
        throw new AssertionError("A wrong expression was taken");
    }

    private static void send(DefaultMQProducer producer, String topic, String prefix, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Message message = Lab.message(topic, i % 2 == 0 ? "even" : "odd", null, prefix + i);
            message.putUserProperty("price", String.valueOf(i));
            message.putUserProperty("name", "n" + i + "-");
            message.putUserProperty("discount", i % 2 == 0 ? "1.5" : "1.75");
            Lab.sent(producer.send(message));
        }
    }
}
