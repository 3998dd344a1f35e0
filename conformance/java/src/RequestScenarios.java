import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.exception.RequestTimeoutException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Requests that wait for a reply: sync and async, in time, too late, and of a client that left. */
final class RequestScenarios {
    private static final long TIMEOUT_MS = 60_000;
    private static final String REPLY_TO = "REPLY_TO_CLIENT";

    private RequestScenarios() {}

    static void requestReply(Lab lab) throws Exception {
        DefaultMQProducer requester = lab.producer();
        String topic = topicOfOthers(lab);
        replier(lab, topic, new AtomicInteger());
        for (int i = 0; i < 20; i++) {
            Message reply = requester.request(Lab.message(topic, "Tag", "key", "q" + i), TIMEOUT_MS);
            Lab.equal("answer to q" + i, Lab.text(reply), "reply");
            Lab.equal("blau", reply.getUserProperty("colour"), "property of a reply");
        }
        int count = 50;
        CountDownLatch answers = new CountDownLatch(count);
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < count; i++) {
            String body = "a" + i;
            requester.request(Lab.message(topic, null, null, body), new RequestCallback() {
                @Override
                public void onSuccess(Message reply) {
                    if (!Lab.text(reply).equals("answer to " + body)) wrong.add(Lab.text(reply));
                    answers.countDown();
                }

                @Override
                public void onException(Throwable error) {
                    wrong.add(error.toString());
                    answers.countDown();
                }
            }, TIMEOUT_MS);
        }
        Lab.check(answers.await(TIMEOUT_MS * 2, TimeUnit.MILLISECONDS), "All async requests end");
        Lab.check(wrong.isEmpty(), "Async replies: " + wrong);
    }

    static void requestBig(Lab lab) throws Exception {
        DefaultMQProducer requester = lab.producer();
        String topic = topicOfOthers(lab);
        replier(lab, topic, new AtomicInteger());
        byte[] random = new byte[300_000];
        new Random(7).nextBytes(random);
        // Letters compress, so that the reply comes compressed.
        StringBuilder text = new StringBuilder();
        for (byte b : random) text.append((char) ('a' + (b & 7)));
        Message reply = requester.request(Lab.message(topic, null, null, text.toString()), TIMEOUT_MS);
        Lab.equal("answer to " + text, Lab.text(reply), "big reply");
    }

    static void requestTimeout(Lab lab) throws Exception {
        DefaultMQProducer requester = lab.producer();
        String topic = lab.topic(requester, "T");
        RequestTimeoutException error = Lab.refused(RequestTimeoutException.class, "a request that nobody answers",
            () -> requester.request(Lab.message(topic, null, null, "anybody?"), 1000));
        Lab.equal(10006, error.getResponseCode(), "code of a timeout");
    }

    /** The client that asked is gone, or the reply does not say who asked. */
    static void replyToNobody(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        MessageExt request = lab.drain(topic, 1).get(0);
        request.getProperties().put("CORRELATION_ID", "c-1");
        request.getProperties().put("TTL", "3000");
        request.getProperties().put(REPLY_TO, "10.0.0.1@gone#1");
        Message reply = MessageUtil.createReplyMessage(request, "late".getBytes());
        Lab.equal("push reply message fail, channel of <10.0.0.1@gone#1> not found.", refusal(producer, reply), "remark");
        reply.getProperties().remove(REPLY_TO);
        Lab.equal("reply message properties[REPLY_TO_CLIENT] is null", refusal(producer, reply), "remark");
    }

    /** The broker's words; the client tries code 1 again, at any broker. */
    private static String refusal(DefaultMQProducer producer, Message reply) throws Exception {
        MQClientException error = Lab.refused(MQClientException.class, "a reply", () -> producer.send(reply));
        Lab.check(error.getCause() instanceof MQBrokerException, "Refused by the broker: " + error);
        MQBrokerException refusal = (MQBrokerException) error.getCause();
        Lab.equal(1, refusal.getResponseCode(), "code");
        return refusal.getErrorMessage();
    }

    /** Answers requests of others: reply=TOPIC,COUNT. */
    static void reply(Lab lab, String topic, int count) throws Exception {
        AtomicInteger replied = new AtomicInteger();
        replier(lab, topic, replied);
        lab.await(count + " replies", () -> replied.get() >= count);
    }

    /** Asks others: request=TOPIC,COUNT. */
    static void request(Lab lab, String topic, int count) throws Exception {
        DefaultMQProducer requester = lab.producer();
        for (int i = 0; i < count; i++) {
            Message reply = requester.request(Lab.message(topic, null, null, "q" + i), TIMEOUT_MS);
            Lab.equal("answer to q" + i, Lab.text(reply), "reply");
            Lab.equal("blau", reply.getUserProperty("colour"), "property of a reply");
        }
    }

    /** Pops in a group with others, and tells whoever reads TOPIC-java what it got: pop-beside=TOPIC,GROUP,COUNT. */
    static void popBeside(Lab lab, String topic, String group, int count) throws Exception {
        DefaultMQProducer producer = lab.producer();
        AtomicInteger got = new AtomicInteger();
        DefaultMQPushConsumer consumer = lab.pushConsumer(group);
        // The client 4.9.8 does not have them.
        DefaultMQPushConsumer.class.getMethod("setClientRebalance", boolean.class).invoke(consumer, false);
        DefaultMQPushConsumer.class.getMethod("setPopBatchNums", int.class).invoke(consumer, 2);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            try {
                for (MessageExt message : messages) {
                    Lab.sent(producer.send(Lab.message(topic + "-java", null, null, Lab.text(message))));
                    got.incrementAndGet();
                }
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            } catch (Exception error) {
                System.err.println("Not told: " + error);
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
        });
        consumer.start();
        lab.await(count + " messages", () -> got.get() >= count);
    }

    /**
     * Made by another producer: one that has no route yet sends a heartbeat before its first request, and
     * until the broker has one no reply finds the way back.
     */
    private static String topicOfOthers(Lab lab) throws Exception {
        return lab.topic(lab.producer(), "T");
    }

    private static void replier(Lab lab, String topic, AtomicInteger replied) throws Exception {
        DefaultMQProducer producer = lab.producer();
        AtomicReference<Exception> failure = new AtomicReference<>();
        DefaultMQPushConsumer consumer = lab.pushConsumer(lab.unique("G"));
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                if (message.getProperty("CORRELATION_ID") == null) continue;
                try {
                    byte[] body = ("answer to " + Lab.text(message)).getBytes("UTF-8");
                    Message reply = MessageUtil.createReplyMessage(message, body);
                    reply.putUserProperty("colour", "blau");
                    SendResult result = producer.send(reply, 30_000);
                    Lab.sent(result);
                    replied.incrementAndGet();
                } catch (Exception error) {
                    failure.compareAndSet(null, error);
                    System.err.println("Reply failed: " + error);
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
    }
}
