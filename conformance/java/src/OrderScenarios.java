import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.MessageExt;

/** Messages in order while a test does something to the broker. */
final class OrderScenarios {
    private static final long PATIENCE_MS = 600_000;
    private static final long PACE_MS = 20;

    private OrderScenarios() {}

    /**
     * Sends so many steps of so many keys, each when the one before it is acknowledged, and consumes
     * them in order. What was not answered or not committed may come again; but no step comes before
     * the one that precedes it.
     */
    static void through(Lab lab, String topic, int keys, int steps) throws Exception {
        Map<String, Integer> last = new ConcurrentHashMap<>();
        Queue<String> broken = new ConcurrentLinkedQueue<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            for (MessageExt message : messages) {
                String[] parts = Lab.text(message).split("/");
                int step = Integer.parseInt(parts[1]);
                int before = last.getOrDefault(parts[0], -1);
                if (step > before + 1) broken.add(Lab.text(message) + " after " + before);
                last.put(parts[0], Math.max(step, before));
            }
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
        DefaultMQProducer producer = lab.producer(p -> p.setSendMsgTimeout(5000));
        ExecutorService senders = Executors.newFixedThreadPool(keys);
        try {
            java.util.List<Future<?>> sending = new java.util.ArrayList<>();
            for (int i = 0; i < keys; i++) {
                String key = "key-" + i;
                sending.add(senders.submit(() -> sendAll(producer, topic, key, steps)));
            }
            for (Future<?> one : sending) one.get();
        } finally {
            senders.shutdownNow();
        }
        lab.await("the last step of every key", PATIENCE_MS, () -> last.size() == keys && last.values().stream().allMatch(step -> step == steps - 1));
        Lab.check(broken.isEmpty(), "Too early: " + broken);
    }

    private static Void sendAll(DefaultMQProducer producer, String topic, String key, int steps) throws Exception {
        for (int step = 0; step < steps; step++) {
            while (!isSent(producer, topic, key, key + "/" + step)) Thread.sleep(100);
            Thread.sleep(PACE_MS);
        }
        return null;
    }

    private static boolean isSent(DefaultMQProducer producer, String topic, String key, String body) throws InterruptedException {
        try {
            var result = producer.send(Lab.message(topic, null, null, body), new SelectMessageQueueByHash(), key);
            return result.getSendStatus() == SendStatus.SEND_OK;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            // The broker is down: the same message again.
            return false;
        }
    }
}
