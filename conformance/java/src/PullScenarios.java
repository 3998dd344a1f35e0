import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** The lite pull consumer, with queues that it chose itself and with queues that it was given. */
final class PullScenarios {
    private PullScenarios() {}

    static void assign(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        MessageQueue queue = new MessageQueue(topic, producer.fetchPublishMessageQueues(topic).get(0).getBrokerName(), 2);
        long start = producer.maxOffset(queue);
        for (int i = 0; i < 100; i++) Lab.sent(producer.send(Lab.message(topic, null, null, "body-" + i), queue));
        String group = lab.unique("G");
        DefaultLitePullConsumer consumer = lab.pullConsumer(group);
        consumer.start();
        List<MessageQueue> queues = lab.queues(consumer, topic);
        Lab.check(queues.contains(queue), "Queue 2 is among " + queues);
        consumer.assign(List.of(queue));
        // A new group at a young queue begins at 0. All is taken first: the official client hands out
        // what a pull brings that was under way when it was told to seek.
        poll(lab, consumer, (int) start + 100);
        consumer.seek(queue, start + 40);
        Lab.equal(range(40, 100), poll(lab, consumer, 60), "bodies from 40");
        consumer.seekToBegin(queue);
        List<String> all = poll(lab, consumer, 100 + (int) start);
        Lab.equal(range(0, 100), all.subList((int) start, all.size()), "bodies from the beginning");
        consumer.seekToEnd(queue);
        Lab.sent(producer.send(Lab.message(topic, null, null, "body-100"), queue));
        Lab.equal(List.of("body-100"), poll(lab, consumer, 1), "body after the end");
        consumer.seek(queue, start + 90);
        Lab.equal(range(90, 101), poll(lab, consumer, 11), "bodies from 90");
        consumer.commitSync();
        lab.await("the committed offset", () -> consumer.committed(queue) == start + 101);
        consumer.shutdown();
        DefaultLitePullConsumer next = lab.pullConsumer(group);
        next.start();
        next.assign(List.of(queue));
        Lab.equal(start + 101, next.committed(queue), "offset committed by the one before");
        Lab.sent(producer.send(Lab.message(topic, null, null, "body-101"), queue));
        Lab.equal(List.of("body-101"), poll(lab, next, 1), "body for the next one");
    }

    static void subscribe(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        String group = lab.unique("G");
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 60; i++) {
                String tag = i % 3 == 0 ? "Other" : "TagA";
                Lab.sent(producer.send(Lab.message(topic, tag, null, round + ":" + i)));
            }
            DefaultLitePullConsumer consumer = lab.pullConsumer(group);
            consumer.subscribe(topic, "TagA");
            consumer.start();
            List<String> bodies = poll(lab, consumer, 40);
            Lab.equal(40, new TreeSet<>(bodies).size(), "different bodies of round " + round);
            for (String body : bodies) Lab.check(body.startsWith(round + ":"), "Round " + round + ": " + body);
            Lab.equal(4, consumer.assignment().size(), "queues assigned");
            consumer.commitSync();
            consumer.shutdown();
        }
    }

    static void offsetsByTime(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        MessageQueue queue = new MessageQueue(topic, producer.fetchPublishMessageQueues(topic).get(0).getBrokerName(), 3);
        long start = producer.maxOffset(queue);
        long before = System.currentTimeMillis();
        lab.await("a later millisecond", () -> System.currentTimeMillis() > before + 20);
        for (int i = 0; i < 10; i++) Lab.sent(producer.send(Lab.message(topic, null, null, "early-" + i), queue));
        long between = System.currentTimeMillis() + 20;
        lab.await("a later time", () -> System.currentTimeMillis() > between + 20);
        for (int i = 0; i < 10; i++) Lab.sent(producer.send(Lab.message(topic, null, null, "late-" + i), queue));
        DefaultLitePullConsumer consumer = lab.pullConsumer(lab.unique("G"));
        consumer.start();
        lab.await("all messages in the queue", () -> producer.maxOffset(queue) == start + 20);
        Lab.equal(start + 10, consumer.offsetForTimestamp(queue, between), "offset between");
        Lab.equal(0L, consumer.offsetForTimestamp(queue, 0L), "offset at time 0");
        Lab.equal(start, producer.searchOffset(queue, before + 5), "offset before");
        Lab.equal(start + 20, producer.searchOffset(queue, System.currentTimeMillis() + 60_000), "offset of the future");
        Lab.equal(0L, producer.minOffset(queue), "smallest offset");
        long earliest = producer.earliestMsgStoreTime(queue);
        Lab.check(earliest > 0 && earliest <= System.currentTimeMillis(), "Earliest store time " + earliest);
        consumer.assign(List.of(queue));
        // All is taken before the seek, as above.
        poll(lab, consumer, (int) start + 20);
        consumer.seek(queue, consumer.offsetForTimestamp(queue, between));
        List<String> bodies = poll(lab, consumer, 10);
        Lab.equal("late-0", bodies.get(0), "first body by time");
    }

    private static List<String> poll(Lab lab, DefaultLitePullConsumer consumer, int count) throws Exception {
        List<String> bodies = new ArrayList<>();
        lab.await(count + " messages", () -> {
            for (MessageExt message : consumer.poll(200)) bodies.add(Lab.text(message));
            return bodies.size() >= count;
        });
        return bodies;
    }

    private static List<String> range(int from, int to) {
        List<String> bodies = new ArrayList<>();
        for (int i = from; i < to; i++) bodies.add("body-" + i);
        return bodies;
    }
}
