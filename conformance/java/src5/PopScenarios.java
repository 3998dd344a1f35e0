import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.AckCallback;
import org.apache.rocketmq.client.consumer.AckResult;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PopCallback;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.consumer.PopStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.message.MessageQueueAssignment;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.header.NotificationRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.AckMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ChangeInvisibleTimeRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ExtraInfoUtil;
import org.apache.rocketmq.remoting.protocol.header.PopMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;

/** Taking messages without owning a queue; the client 4.9.8 has another form of these calls. */
public final class PopScenarios {
    private static final long TIMEOUT_MS = 60_000;
    /** Apache's broker gives messages back in rounds of its own, seconds late; a slow machine, later. */
    private static final long LATE_MS = Long.getLong("popLateMs", 60_000);
    /** Held for so long, messages are not back before a slow machine has done the next step. */
    private static final long HELD_MS = 12_000;
    private static final long SOON_MS = 2000;
    private static final long LONG_MS = 18_000;

    private PopScenarios() {}

    static void register(Map<String, Conformance.Scenario> scenarios) {
        scenarios.put("pop-push", PopScenarios::push);
        scenarios.put("pop-ack", PopScenarios::ack);
        scenarios.put("pop-change-invisible", PopScenarios::changeInvisible);
        scenarios.put("pop-batch-ack", PopScenarios::batchAck);
        scenarios.put("pop-long-poll", PopScenarios::longPoll);
        scenarios.put("pop-order", PopScenarios::order);
        scenarios.put("pop-tags", PopScenarios::tags);
        scenarios.put("pop-assignment", PopScenarios::assignment);
    }

    /** What a scenario pops with: the client's own calls. */
    private static final class Popper {
        final Lab lab;
        final MQClientAPIImpl api;
        final String topic;
        final String group;
        final String broker;
        final String address;
        final DefaultMQProducer producer;

        Popper(Lab lab) throws Exception {
            this.lab = lab;
            producer = lab.producer(p -> p.setMqClientApiTimeout((int) TIMEOUT_MS));
            topic = lab.topic(producer, "T");
            group = lab.unique("G");
            List<MessageQueue> queues = producer.fetchPublishMessageQueues(topic);
            broker = queues.get(0).getBrokerName();
            var factory = producer.getDefaultMQProducerImpl().getMqClientFactory();
            address = factory.findBrokerAddressInPublish(broker);
            api = factory.getMQClientAPIImpl();
        }

        void send(String tags, int queueId, String... bodies) throws Exception {
            for (String body : bodies) {
                MessageQueue queue = new MessageQueue(topic, broker, queueId);
                lab.await("a send to be taken", () -> {
                    try {
                        Lab.sent(producer.send(Lab.message(topic, tags, null, body), queue));
                        return true;
                    } catch (MQBrokerException busy) {
                        return false;
                    }
                });
            }
        }

        PopMessageRequestHeader request(int count, long invisibleMs, long pollMs) {
            PopMessageRequestHeader header = new PopMessageRequestHeader();
            header.setConsumerGroup(group);
            header.setTopic(topic);
            header.setQueueId(-1);
            header.setMaxMsgNums(count);
            header.setInvisibleTime(invisibleMs);
            header.setPollTime(pollMs);
            header.setBornTime(System.currentTimeMillis());
            header.setInitMode(0);
            header.setExpType("TAG");
            header.setExp("*");
            header.setOrder(false);
            return header;
        }

        /** Whether the broker says, within a time, that there is something to pop. */
        String notified(long pollMs) throws Exception {
            NotificationRequestHeader header = new NotificationRequestHeader();
            header.setConsumerGroup(group);
            header.setTopic(topic);
            header.setQueueId(-1);
            header.setPollTime(pollMs);
            header.setBornTime(System.currentTimeMillis());
            header.setOrder(false);
            RemotingCommand request = RemotingCommand.createRequestCommand(RequestCode.NOTIFICATION, header);
            RemotingCommand answer = api.getRemotingClient().invokeSync(address, request, TIMEOUT_MS);
            Lab.equal(0, answer.getCode(), "answer to the question whether something is there");
            return answer.getExtFields().get("hasMsg");
        }

        PopResult pop(PopMessageRequestHeader header) throws Exception {
            CompletableFuture<PopResult> result = new CompletableFuture<>();
            api.popMessageAsync(broker, address, header, TIMEOUT_MS, new PopCallback() {
                @Override
                public void onSuccess(PopResult found) {
                    result.complete(found);
                }

                @Override
                public void onException(Throwable error) {
                    result.completeExceptionally(error);
                }
            });
            return result.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }

        /** Pops until there are so many. */
        List<MessageExt> popAll(int count, long invisibleMs) throws Exception {
            List<MessageExt> messages = new ArrayList<>();
            lab.await(count + " popped messages", () -> {
                PopResult found = pop(request(32, invisibleMs, 500));
                if (found.getPopStatus() == PopStatus.FOUND) messages.addAll(found.getMsgFoundList());
                return messages.size() >= count;
            });
            Lab.equal(count, messages.size(), "popped messages");
            return messages;
        }

        AckResult ack(MessageExt message) throws Exception {
            return ack(message, message.getProperty("POP_CK"));
        }

        AckResult ack(MessageExt message, String handle) throws Exception {
            String[] parts = ExtraInfoUtil.split(handle);
            AckMessageRequestHeader header = new AckMessageRequestHeader();
            header.setConsumerGroup(group);
            header.setTopic(ExtraInfoUtil.getRealTopic(parts, topic, group));
            header.setQueueId(ExtraInfoUtil.getQueueId(parts));
            header.setOffset(ExtraInfoUtil.getQueueOffset(parts));
            header.setExtraInfo(handle);
            return answered(callback -> api.ackMessageAsync(address, TIMEOUT_MS, callback, header));
        }

        AckResult change(MessageExt message, long invisibleMs) throws Exception {
            String handle = message.getProperty("POP_CK");
            String[] parts = ExtraInfoUtil.split(handle);
            ChangeInvisibleTimeRequestHeader header = new ChangeInvisibleTimeRequestHeader();
            header.setConsumerGroup(group);
            header.setTopic(ExtraInfoUtil.getRealTopic(parts, topic, group));
            header.setQueueId(ExtraInfoUtil.getQueueId(parts));
            header.setOffset(ExtraInfoUtil.getQueueOffset(parts));
            header.setExtraInfo(handle);
            header.setInvisibleTime(invisibleMs);
            return answered(callback -> api.changeInvisibleTimeAsync(broker, address, header, TIMEOUT_MS, callback));
        }

        interface Call {
            void make(AckCallback callback) throws Exception;
        }

        AckResult answered(Call call) throws Exception {
            CompletableFuture<AckResult> result = new CompletableFuture<>();
            call.make(new AckCallback() {
                @Override
                public void onSuccess(AckResult done) {
                    result.complete(done);
                }

                @Override
                public void onException(Throwable error) {
                    result.completeExceptionally(error);
                }
            });
            return result.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }

        void acked(MessageExt message) throws Exception {
            Lab.equal(AckStatus.OK, ack(message).getStatus(), "status of an acknowledgement");
        }
    }

    private static Set<String> bodies(List<MessageExt> messages) {
        Set<String> bodies = new TreeSet<>();
        for (MessageExt message : messages) bodies.add(Lab.text(message));
        return bodies;
    }

    /** The push consumer in POP mode: the broker shares out, everything is acknowledged or comes again. */
    static void push(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        popper.api.setMessageRequestMode(popper.address, popper.topic, popper.group, MessageRequestMode.POP, 0, TIMEOUT_MS);
        Map<String, Queue<MessageExt>> attempts = new ConcurrentHashMap<>();
        for (int member = 0; member < 2; member++) {
            DefaultMQPushConsumer consumer = lab.pushConsumer(popper.group);
            consumer.setClientRebalance(false);
            consumer.subscribe(popper.topic, "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                for (MessageExt message : messages) {
                    String body = Lab.text(message);
                    Queue<MessageExt> of = attempts.computeIfAbsent(body, key -> new ConcurrentLinkedQueue<>());
                    of.add(message);
                    if (body.equals("bad") && of.size() == 1) return ConsumeConcurrentlyStatus.RECONSUME_LATER;
                }
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            consumer.start();
        }
        for (int index = 0; index < 40; index++) popper.send("TagA", index % 4, "good-" + index);
        popper.send("TagA", 0, "bad");
        lab.await("all messages", () -> attempts.size() == 42);
        lab.await("the retry", () -> attempts.get("bad").size() == 2);
        MessageExt[] both = attempts.get("bad").toArray(new MessageExt[0]);
        Lab.equal(1, both[1].getReconsumeTimes(), "attempts before the retry");
        Lab.equal(popper.topic, both[1].getTopic(), "topic of the retry");
        Lab.equal("TagA", both[1].getTags(), "tags of the retry");
        Lab.check(both[1].getProperty("1ST_POP_TIME") != null, "The first pop is noted");
        for (Map.Entry<String, Queue<MessageExt>> one : attempts.entrySet()) {
            if (one.getKey().equals("bad")) continue;
            Lab.equal(1, one.getValue().size(), "attempts of " + one.getKey());
        }
    }

    /** What is acknowledged never comes again, what is not comes after its invisible time. */
    static void ack(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        popper.send("TagA", 0, "a", "b", "c");
        popper.send("TagA", 1, "d");
        long before = System.currentTimeMillis();
        List<MessageExt> first = popper.popAll(5, HELD_MS);
        Lab.equal(Set.of("first", "a", "b", "c", "d"), new HashSet<>(bodies(first)), "messages");
        for (MessageExt message : first) {
            String[] parts = ExtraInfoUtil.split(message.getProperty("POP_CK"));
            Lab.equal(HELD_MS, ExtraInfoUtil.getInvisibleTime(parts), "invisible time in the receipt");
            Lab.equal(message.getQueueOffset(), ExtraInfoUtil.getQueueOffset(parts), "offset in the receipt");
            Lab.equal(0, message.getReconsumeTimes(), "attempts before");
            if (!Lab.text(message).equals("b")) popper.acked(message);
        }
        List<MessageExt> again = popper.popAll(1, HELD_MS);
        long pause = System.currentTimeMillis() - before;
        Lab.equal("b", Lab.text(again.get(0)), "the message that comes again");
        Lab.equal(popper.topic, again.get(0).getTopic(), "its topic");
        Lab.equal("TagA", again.get(0).getTags(), "its tags");
        Lab.equal(1, again.get(0).getReconsumeTimes(), "its attempts before");
        Lab.check(pause >= HELD_MS && pause < HELD_MS + LATE_MS, "It came after " + pause + " ms");
        Lab.check(again.get(0).getProperty("POP_CK").split(" ")[4].equals("1"), "Its receipt names the retry topic");
        popper.acked(again.get(0));
        // The same again is not an error.
        popper.acked(again.get(0));
        Thread.sleep(HELD_MS + 3000);
        PopResult nothing = popper.pop(popper.request(32, HELD_MS, 300));
        Lab.check(nothing.getPopStatus() != PopStatus.FOUND, "Nothing is left, got " + nothing.getPopStatus());
    }

    /** A message can be kept longer, and given back sooner. */
    static void changeInvisible(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        popper.send("TagA", 0, "soon", "late");
        long before = System.currentTimeMillis();
        List<MessageExt> first = popper.popAll(3, HELD_MS);
        for (MessageExt message : first) {
            String body = Lab.text(message);
            if (body.equals("first")) {
                popper.acked(message);
                continue;
            }
            AckResult changed = popper.change(message, body.equals("soon") ? SOON_MS : LONG_MS);
            Lab.equal(AckStatus.OK, changed.getStatus(), "status of a change");
            Lab.check(changed.getExtraInfo() != null && changed.getPopTime() > 0, "There is a new receipt");
            String[] parts = ExtraInfoUtil.split(changed.getExtraInfo());
            Lab.equal(message.getQueueOffset(), ExtraInfoUtil.getQueueOffset(parts), "offset in the new receipt");
        }
        List<MessageExt> soon = popper.popAll(1, 30_000);
        long soonMs = System.currentTimeMillis() - before;
        Lab.equal("soon", Lab.text(soon.get(0)), "the first that comes again");
        Lab.check(soonMs >= SOON_MS && soonMs < SOON_MS + LATE_MS, "It came after " + soonMs + " ms");
        popper.acked(soon.get(0));
        List<MessageExt> late = popper.popAll(1, 30_000);
        long lateMs = System.currentTimeMillis() - before;
        Lab.equal("late", Lab.text(late.get(0)), "the second that comes again");
        Lab.check(lateMs >= LONG_MS && lateMs < LONG_MS + LATE_MS, "It came after " + lateMs + " ms");
        popper.acked(late.get(0));
    }

    /** Many acknowledgements in one request. */
    static void batchAck(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        for (int index = 0; index < 30; index++) popper.send("TagA", index % 3, "m" + index);
        List<MessageExt> first = popper.popAll(31, HELD_MS);
        List<String> handles = new ArrayList<>();
        Set<String> kept = new TreeSet<>();
        for (MessageExt message : first) {
            if (Lab.text(message).endsWith("7")) kept.add(Lab.text(message));
            else handles.add(message.getProperty("POP_CK"));
        }
        AckResult result = popper.answered(callback ->
            popper.api.batchAckMessageAsync(popper.address, TIMEOUT_MS, callback, popper.topic, popper.group, handles));
        Lab.equal(AckStatus.OK, result.getStatus(), "status of a batch");
        List<MessageExt> again = popper.popAll(kept.size(), 30_000);
        Lab.equal(kept, bodies(again), "messages that come again");
        for (MessageExt message : again) popper.acked(message);
    }

    /** A pop waits for a message, and for its time. */
    static void longPoll(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        for (MessageExt message : popper.popAll(1, 30_000)) popper.acked(message);
        long before = System.currentTimeMillis();
        PopResult nothing = popper.pop(popper.request(1, 30_000, 1500));
        long waited = System.currentTimeMillis() - before;
        Lab.check(nothing.getPopStatus() != PopStatus.FOUND, "Nothing comes");
        Lab.check(waited >= 1400 && waited < 1500 + LATE_MS, "It waited " + waited + " ms");
        CompletableFuture<PopResult> popping = CompletableFuture.supplyAsync(() -> {
            try {
                return popper.pop(popper.request(1, 30_000, 15_000));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Thread.sleep(500);
        popper.send("TagA", 2, "now");
        long sent = System.currentTimeMillis();
        PopResult found = popping.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        Lab.equal(PopStatus.FOUND, found.getPopStatus(), "status of the pop that waited");
        Lab.equal("now", Lab.text(found.getMsgFoundList().get(0)), "the message");
        Lab.check(System.currentTimeMillis() - sent < LATE_MS, "It came at once");
        popper.acked(found.getMsgFoundList().get(0));
        // What a proxy asks before it pops.
        Lab.equal("false", popper.notified(500), "something is there, once all is acknowledged");
        popper.send("TagA", 2, "later");
        Lab.equal("true", popper.notified(15_000), "something is there");
    }

    /** Ordered: nobody gets more of a queue until what is out is acknowledged. */
    static void order(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        for (MessageExt message : popper.popAll(1, 30_000)) popper.acked(message);
        popper.send("TagA", 3, "1", "2", "3", "4", "5", "6");
        PopMessageRequestHeader header = popper.request(2, HELD_MS, 200);
        header.setOrder(true);
        header.setQueueId(3);
        header.setAttemptId("try-1");
        long before = System.currentTimeMillis();
        List<MessageExt> first = ordered(popper, header, "1", "2");
        // The same attempt gets the same messages: its answer may have been lost.
        ordered(popper, header, "1", "2");
        header.setAttemptId("try-2");
        blocked(popper, header);
        // Nobody acknowledged: they come again after their time, and are counted.
        List<MessageExt> again = new ArrayList<>();
        lab.await("the messages again", () -> {
            header.setBornTime(System.currentTimeMillis());
            PopResult found = popper.pop(header);
            if (found.getPopStatus() == PopStatus.FOUND) again.addAll(found.getMsgFoundList());
            return !again.isEmpty();
        });
        Lab.check(System.currentTimeMillis() - before >= HELD_MS, "They came too early");
        Lab.equal(List.of("1", "2"), List.of(Lab.text(again.get(0)), Lab.text(again.get(1))), "messages again");
        Lab.equal(1, again.get(0).getReconsumeTimes(), "attempts before");
        Lab.equal("999", again.get(0).getProperty("POP_CK").split(" ")[3], "revive queue of ordered receipts");
        header.setAttemptId("try-3");
        popper.acked(again.get(0));
        blocked(popper, header);
        popper.acked(again.get(1));
        List<MessageExt> next = ordered(popper, header, "3", "4");
        Lab.equal(0, next.get(0).getReconsumeTimes(), "attempts before");
        for (MessageExt message : next) popper.acked(message);
        header.setAttemptId("try-4");
        for (MessageExt message : ordered(popper, header, "5", "6")) popper.acked(message);
        Lab.equal(2, first.size(), "first messages");
    }

    private static List<MessageExt> ordered(Popper popper, PopMessageRequestHeader header, String... bodies) throws Exception {
        header.setBornTime(System.currentTimeMillis());
        PopResult found = popper.pop(header);
        Lab.equal(PopStatus.FOUND, found.getPopStatus(), "status of an ordered pop");
        List<String> got = new ArrayList<>();
        for (MessageExt message : found.getMsgFoundList()) got.add(Lab.text(message));
        Lab.equal(List.of(bodies), got, "messages in order");
        return found.getMsgFoundList();
    }

    private static void blocked(Popper popper, PopMessageRequestHeader header) throws Exception {
        header.setBornTime(System.currentTimeMillis());
        PopResult found = popper.pop(header);
        Lab.check(found.getPopStatus() != PopStatus.FOUND, "The queue is closed, got " + found.getPopStatus());
    }

    /** Only the tags that were asked for. */
    static void tags(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        popper.send("TagA", 0, "a1", "a2");
        popper.send("TagB", 0, "b1", "b2");
        popper.send("TagA", 0, "a3");
        List<MessageExt> messages = new ArrayList<>();
        lab.await("messages of a tag", () -> {
            PopMessageRequestHeader header = popper.request(32, 30_000, 300);
            header.setExp("TagB");
            PopResult found = popper.pop(header);
            if (found.getPopStatus() == PopStatus.FOUND) messages.addAll(found.getMsgFoundList());
            return messages.size() >= 2;
        });
        Lab.equal(Set.of("b1", "b2"), new HashSet<>(bodies(messages)), "messages of a tag");
        for (MessageExt message : messages) popper.acked(message);
    }

    /** The broker shares queues out among the members it knows. */
    static void assignment(Lab lab) throws Exception {
        Popper popper = new Popper(lab);
        DefaultMQPushConsumer consumer = lab.pushConsumer(popper.group);
        consumer.subscribe(popper.topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) ->
            ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        consumer.start();
        String clientId = consumer.getDefaultMQPushConsumerImpl().getmQClientFactory().getClientId();
        List<MessageQueueAssignment> pulls = new ArrayList<>();
        lab.await("an assignment", () -> {
            pulls.clear();
            Set<MessageQueueAssignment> assigned = assigned(popper, clientId);
            if (assigned != null) pulls.addAll(assigned);
            return pulls.size() == 4;
        });
        for (MessageQueueAssignment one : pulls) Lab.equal(MessageRequestMode.PULL, one.getMode(), "mode");
        popper.api.setMessageRequestMode(popper.address, popper.topic, popper.group, MessageRequestMode.POP, 0, TIMEOUT_MS);
        Set<MessageQueueAssignment> pops = assigned(popper, clientId);
        Lab.equal(1, pops.size(), "assignments to pop");
        for (MessageQueueAssignment one : pops) {
            Lab.equal(MessageRequestMode.POP, one.getMode(), "mode");
            Lab.equal(-1, one.getMessageQueue().getQueueId(), "queue");
        }
    }

    private static Set<MessageQueueAssignment> assigned(Popper popper, String clientId) throws Exception {
        return popper.api.queryAssignment(popper.address, popper.topic, popper.group, clientId, "AVG", MessageModel.CLUSTERING, TIMEOUT_MS);
    }
}
