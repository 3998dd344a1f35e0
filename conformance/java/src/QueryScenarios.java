import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Single messages are found by what their sender knows of them. */
final class QueryScenarios {
    private static final int NO_MESSAGE = 208;

    private QueryScenarios() {}

    static void byKeyAndId(Lab lab) throws Exception {
        DefaultMQProducer producer = lab.producer();
        String topic = lab.topic(producer, "T");
        long began = System.currentTimeMillis() - 1000;
        List<SendResult> results = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String keys = "order-" + i + " customer-" + i % 4;
            Message message = Lab.message(topic, "A", keys, "body-" + i);
            results.add(Lab.sent(producer.send(message)));
        }
        long ended = System.currentTimeMillis() + 1000;
        lab.await("the index of the last message", () -> found(producer, topic, "order-39", began, ended).size() == 1);
        for (int i = 0; i < 40; i++) {
            List<MessageExt> byKey = found(producer, topic, "order-" + i, began, ended);
            Lab.equal(1, byKey.size(), "messages with key order-" + i);
            Lab.equal("body-" + i, Lab.text(byKey.get(0)), "body by key");
            String offsetId = results.get(i).getOffsetMsgId();
            MessageExt byOffset = producer.viewMessage(topic, offsetId);
            Lab.equal("body-" + i, Lab.text(byOffset), "body by offset message id " + offsetId);
            Lab.equal(results.get(i).getQueueOffset(), byOffset.getQueueOffset(), "queue offset");
            String uniqueId = results.get(i).getMsgId();
            MessageExt byUnique = producer.viewMessage(topic, uniqueId);
            Lab.check(byUnique != null, "Nothing by unique id " + uniqueId);
            Lab.equal("body-" + i, Lab.text(byUnique), "body by unique id");
        }
        TreeSet<String> ofCustomer = new TreeSet<>();
        for (MessageExt message : found(producer, topic, "customer-1", began, ended)) {
            ofCustomer.add(Lab.text(message));
        }
        Lab.equal(10, ofCustomer.size(), "messages of customer-1");
        Lab.equal(0, found(producer, topic, "order-1", 0, began - 60_000).size(), "messages before");
        Lab.equal(0, found(producer, topic, "order-none", began, ended).size(), "messages of no key");
        Lab.equal(5, producer.queryMessage(topic, "customer-2", 5, began, ended).getMessageList().size(),
            "messages with a maximum of 5");
    }

    private static List<MessageExt> found(
        DefaultMQProducer producer, String topic, String key, long from, long to) throws Exception {
        try {
            QueryResult result = producer.queryMessage(topic, key, 32, from, to);
            return result.getMessageList();
        } catch (MQClientException e) {
            if (e.getResponseCode() == NO_MESSAGE) return List.of();
            throw e;
        }
    }
}
