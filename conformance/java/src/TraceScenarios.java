import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/** Clients that trace find their traces by the message's id. */
final class TraceScenarios {
    private static final String TRACE_TOPIC = "RMQ_SYS_TRACE_TOPIC";

    private TraceScenarios() {}

    static void trace(Lab lab) throws Exception {
        DefaultMQProducer plain = lab.producer();
        String topic = lab.topic(plain, "T");
        DefaultMQProducer producer = new DefaultMQProducer(lab.unique("PG"), true, null);
        producer.setNamesrvAddr(lab.namesrv);
        producer.setInstanceName(lab.unique("i"));
        producer.setSendMsgTimeout(30_000);
        producer.start();
        String id = Lab.sent(producer.send(Lab.message(topic, "A", "traced-key", "traced"))).getMsgId();
        // Not shut down before the end: the client gives its traces half a second then.
        lab.closing(producer::shutdown);
        consume(lab, topic);
        lab.await("the traces of " + id, () -> {
            StringBuilder records = new StringBuilder();
            try {
                for (MessageExt one : plain.queryMessage(TRACE_TOPIC, id, 64, 0, Long.MAX_VALUE).getMessageList()) {
                    records.append(new String(one.getBody(), UTF_8));
                }
            } catch (org.apache.rocketmq.client.exception.MQClientException e) {
                return false;
            }
            String all = records.toString();
            return all.contains("Pub\u0001") && all.contains("SubBefore\u0001") && all.contains("SubAfter\u0001");
        });
    }

    private static void consume(Lab lab, String topic) throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(lab.unique("CG"), true, null);
        consumer.setNamesrvAddr(lab.namesrv);
        consumer.setInstanceName(lab.unique("i"));
        consumer.setPollNameServerInterval(1000);
        consumer.setMqClientApiTimeout(30_000);
        consumer.setHeartbeatBrokerInterval(1000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setAwaitTerminationMillisWhenShutdown(3000);
        CountDownLatch both = new CountDownLatch(2);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (int i = 0; i < messages.size(); i++) both.countDown();
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        Lab.check(both.await(120, TimeUnit.SECONDS), "Both messages are consumed");
        lab.closing(consumer::shutdown);
    }
}
