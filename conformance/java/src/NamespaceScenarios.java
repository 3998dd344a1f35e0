import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;

/** Clients of a namespace, of the first form (names with a prefix) and the second (header fields). */
final class NamespaceScenarios {
    private NamespaceScenarios() {}

    /** Topic, group, retry and dead letter carry the namespace at the broker and not for the user. */
    static void prefix(Lab lab) throws Exception {
        String instance = lab.unique("MQ_INST");
        Queue<MessageExt> seen = new ConcurrentLinkedQueue<>();
        String group = lab.unique("G");
        String topic = exchange(lab, group, client -> client.setNamespace(instance), seen);
        // The client 4.9.8 leaves the prefix on, 5.5.0 takes it off: with Apache's broker, too.
        for (MessageExt message : seen) Lab.check(message.getTopic().endsWith(topic), "Topic " + message.getTopic());
        MessageExt dead = lab.drain("%DLQ%" + instance + "%" + group, 1).get(0);
        Lab.equal(instance + "%" + topic, dead.getProperty("RETRY_TOPIC"), "RETRY_TOPIC of a dead letter");
        Lab.equal("%DLQ%" + instance + "%" + group, dead.getTopic(), "topic of a dead letter");
    }

    /** The fields ns and nsd are for proxies: names stay as they are. Clients before 5.x have no such thing. */
    static void fields(Lab lab) throws Exception {
        Queue<MessageExt> seen = new ConcurrentLinkedQueue<>();
        String group = lab.unique("G");
        String topic = exchange(lab, group, NamespaceScenarios::setNamespaceV2, seen);
        for (MessageExt message : seen) Lab.equal(topic, message.getTopic(), "topic that the listener sees");
        MessageExt dead = lab.drain("%DLQ%" + group, 1).get(0);
        Lab.equal(topic, dead.getProperty("RETRY_TOPIC"), "RETRY_TOPIC of a dead letter");
    }

    private static void setNamespaceV2(ClientConfig client) throws Exception {
        try {
            ClientConfig.class.getMethod("setNamespaceV2", String.class).invoke(client, "ns2");
        } catch (NoSuchMethodException e) {
            // This client is older than the second form.
        }
    }

    /** Sends one message that is consumed, and one that is retried once and dies; returns the topic. */
    private static String exchange(Lab lab, String group, Lab.Setup<ClientConfig> setup, Queue<MessageExt> seen) throws Exception {
        DefaultMQProducer producer = lab.producer(setup::on);
        String topic = lab.unique("T");
        for (String body : List.of("good", "bad")) {
            Lab.sent(producer.send(Lab.message(topic, "TagA", "key-" + body, body)));
        }
        DefaultMQPushConsumer consumer = lab.pushConsumer(group);
        setup.on(consumer);
        consumer.setMaxReconsumeTimes(1);
        consumer.subscribe(topic, "TagA");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            seen.addAll(messages);
            if (Lab.text(messages.get(0)).equals("good")) return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            context.setDelayLevelWhenNextConsume(1);
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        consumer.start();
        lab.await("the message, the other and its retry", () -> seen.size() == 3);
        return topic;
    }
}
