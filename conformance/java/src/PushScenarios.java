import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/** Push consumers: who gets what, in which order, and from where. */
final class PushScenarios {
    private static final int FLOOD = 20_000;
    private static final int IN_FLIGHT = 256;

    private PushScenarios() {}

    /** Three members come and go while messages flow: none is lost, and all of them get some. */
    static void clustering(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.unique("T");
        Administration.createTopic(producer, topic, 8);
        String group = lab.unique("G");
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Map<String, AtomicInteger> shares = new ConcurrentHashMap<>();
        Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        AtomicBoolean joined = new AtomicBoolean();
        DefaultMQPushConsumer a = member(lab, group, topic, "a", seen, shares);
        Thread flood = new Thread(() -> flood(producer, topic, joined, errors));
        flood.start();
        lab.await("a quarter consumed", () -> seen.size() > FLOOD / 4);
        DefaultMQPushConsumer b = member(lab, group, topic, "b", seen, shares);
        lab.await("member b at work", () -> shares.get("b").get() > 0);
        member(lab, group, topic, "c", seen, shares);
        lab.await("member c at work", () -> shares.get("c").get() > 0);
        a.shutdown();
        lab.await("half consumed", () -> seen.size() > FLOOD / 2);
        member(lab, group, topic, "d", seen, shares);
        lab.await("member d at work", () -> shares.get("d").get() > 0);
        joined.set(true);
        b.shutdown();
        flood.join();
        Lab.check(errors.isEmpty(), "Failed sends: " + errors.size() + ", first " + errors.peek());
        lab.await("all " + FLOOD + " consumed", () -> seen.size() >= FLOOD);
        for (int i = 0; i < FLOOD; i++) Lab.check(seen.contains("m" + i), "Lost: m" + i);
    }

    private static DefaultMQPushConsumer member(Lab lab, String group, String topic, String name,
        Set<String> seen, Map<String, AtomicInteger> shares) throws Exception {
        AtomicInteger share = shares.computeIfAbsent(name, key -> new AtomicInteger());
        DefaultMQPushConsumer consumer = lab.pushConsumer(group);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) seen.add(Lab.text(message));
            share.addAndGet(messages.size());
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return consumer;
    }

    /** At a pace that leaves the members time to come and go; slowly when the last is still missing. */
    private static void flood(
        DefaultMQProducer producer, String topic, AtomicBoolean joined, Queue<Throwable> errors) {
        Semaphore window = new Semaphore(IN_FLIGHT);
        try {
            for (int i = 0; i < FLOOD; i++) {
                window.acquire();
                if (i % 250 == 0) Thread.sleep(100);
                if (i > FLOOD * 3 / 4 && !joined.get()) Thread.sleep(5);
                producer.send(Lab.message(topic, null, null, "m" + i), new SendCallback() {
                    @Override
                    public void onSuccess(SendResult result) {
                        window.release();
                    }

                    @Override
                    public void onException(Throwable error) {
                        errors.add(error);
                        window.release();
                    }
                });
            }
            window.acquire(IN_FLIGHT);
        } catch (Exception e) {
            errors.add(e);
        }
    }

    static void broadcasting(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        String group = lab.unique("G");
        Map<String, Queue<String>> received = new ConcurrentHashMap<>();
        for (String name : List.of("a", "b")) {
            Queue<String> own = new ConcurrentLinkedQueue<>();
            received.put(name, own);
            DefaultMQPushConsumer consumer = lab.pushConsumer(group);
            // The type lives in another package in each client: it is found, not imported.
            for (var model : consumer.getMessageModel().getDeclaringClass().getEnumConstants()) {
                if (model.name().equals("BROADCASTING")) consumer.setMessageModel(model);
            }
            consumer.subscribe(topic, "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                for (MessageExt message : messages) own.add(Lab.text(message));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            consumer.start();
        }
        TreeSet<String> expected = new TreeSet<>(List.of("first"));
        for (int i = 0; i < 200; i++) {
            Lab.sent(producer.send(Lab.message(topic, null, null, "body-" + i)));
            expected.add("body-" + i);
        }
        for (String name : List.of("a", "b")) {
            lab.await("all messages at " + name, () -> received.get(name).size() >= expected.size());
            Lab.equal(expected, new TreeSet<>(received.get(name)), "messages of " + name);
            Lab.equal(expected.size(), received.get(name).size(), "deliveries to " + name);
        }
    }

    /** A message that fails holds its queue up, and only that: the rest waits and keeps its order. */
    static void orderly(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        for (int i = 0; i < 100; i++) {
            String order = "order-" + i % 5;
            Lab.sent(producer.send(
                Lab.message(topic, null, null, order + ":" + i / 5), new SelectMessageQueueByHash(), order));
        }
        Queue<String> done = new ConcurrentLinkedQueue<>();
        Queue<Long> attempts = new ConcurrentLinkedQueue<>();
        Queue<Integer> counts = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.subscribe(topic, "*");
        consumer.setSuspendCurrentQueueTimeMillis(1000);
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            for (MessageExt message : messages) {
                if (Lab.text(message).equals("order-3:7")) {
                    attempts.add(System.currentTimeMillis());
                    counts.add(message.getReconsumeTimes());
                    if (attempts.size() < 3) return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
                }
                done.add(Lab.text(message));
            }
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
        lab.await("all 101 consumed", () -> done.size() >= 101);
        Lab.equal(101, done.size(), "deliveries");
        Lab.equal(List.of(0, 1, 2), List.copyOf(counts), "attempts as counted in the message");
        Long[] times = attempts.toArray(new Long[0]);
        Lab.check(times[1] - times[0] >= 950 && times[2] - times[1] >= 950,
            "Pauses of " + (times[1] - times[0]) + " and " + (times[2] - times[1]) + " ms");
        Map<String, AtomicInteger> next = new ConcurrentHashMap<>();
        for (String body : done) {
            if (body.equals("first")) continue;
            String[] parts = body.split(":");
            int step = next.computeIfAbsent(parts[0], key -> new AtomicInteger()).getAndIncrement();
            Lab.equal(step, Integer.parseInt(parts[1]), "next step of " + parts[0]);
        }
    }

    static void tags(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        Queue<String> received = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        // "Aa" and "BB" have the same hash: the broker cannot tell them apart, the client must.
        consumer.subscribe(topic, "TagA || TagB || Aa");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) received.add(message.getTags());
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        List<String> tags = List.of("TagA", "TagB", "TagC", "Aa", "BB");
        for (int i = 0; i < 200; i++) {
            Lab.sent(producer.send(Lab.message(topic, tags.get(i % 5), null, "body-" + i)));
        }
        lab.await("120 messages of three tags", () -> received.size() >= 120);
        Lab.sent(producer.send(Lab.message(topic, "TagA", null, "last")));
        lab.await("the last message", () -> received.size() >= 121);
        Lab.equal(121, received.size(), "deliveries");
        Lab.equal(new TreeSet<>(List.of("TagA", "TagB", "Aa")), new TreeSet<>(received), "tags");
    }

    /** A group goes on where its last member stopped. */
    static void resume(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        String group = lab.unique("G");
        Queue<String> received = new ConcurrentLinkedQueue<>();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 50; i++) {
                Lab.sent(producer.send(Lab.message(topic, null, null, round + ":" + i)));
            }
            DefaultMQPushConsumer consumer = lab.pushConsumer(group);
            consumer.subscribe(topic, "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                for (MessageExt message : messages) received.add(Lab.text(message));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            consumer.start();
            int expected = 1 + 50 * (round + 1);
            lab.await(expected + " messages in round " + round, () -> received.size() >= expected);
            consumer.shutdown();
            Lab.equal(expected, received.size(), "deliveries after round " + round);
        }
        Lab.equal(151, new TreeSet<>(received).size(), "different messages");
    }

    /**
     * A new group begins at the end, but not on a young topic: as long as its first message is in
     * memory, the broker answers that the group stands at 0, so that nothing is missed.
     */
    static void youngTopic(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        for (int i = 0; i < 20; i++) Lab.sent(producer.send(Lab.message(topic, null, null, "old-" + i)));
        Queue<String> received = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) received.add(Lab.text(message));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        lab.await("all 21 messages", () -> received.size() >= 21);
    }
}
