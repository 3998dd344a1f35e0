import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Messages that wait for the outcome of a transaction. Where a producer is asked again, or nobody
 * decides, the broker must be set to ask soon, but not before a slow machine has answered:
 * transactionTimeOut=6000, transactionCheckInterval=5000, transactionCheckMax=3.
 */
final class TransactionScenarios {
    /** By then the broker has looked for open transactions once more. */
    private static final long NEXT_CHECK_MS = 7000;
    private static final String GIVEN_UP = "TRANS_CHECK_MAX_TIME_TOPIC";

    private TransactionScenarios() {}

    /** Says what a test tells it, and counts the questions. */
    private static final class Listener implements TransactionListener {
        final Map<String, LocalTransactionState> first = new ConcurrentHashMap<>();
        final Map<String, LocalTransactionState> later = new ConcurrentHashMap<>();
        final Map<String, AtomicInteger> questions = new ConcurrentHashMap<>();
        final Map<String, MessageExt> asked = new ConcurrentHashMap<>();

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return first.getOrDefault(Lab.text(message), LocalTransactionState.UNKNOW);
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            String body = Lab.text(message);
            asked.put(body, message);
            questions.computeIfAbsent(body, key -> new AtomicInteger()).incrementAndGet();
            return later.getOrDefault(body, LocalTransactionState.UNKNOW);
        }

        int questions(String body) {
            AtomicInteger count = questions.get(body);
            return count == null ? 0 : count.get();
        }
    }

    private static TransactionMQProducer producer(Lab lab, String group, TransactionListener listener) throws Exception {
        TransactionMQProducer producer = new TransactionMQProducer(group, Lab.signer());
        producer.setNamesrvAddr(lab.namesrv);
        producer.setInstanceName(lab.unique("i"));
        producer.setSendMsgTimeout(30_000);
        producer.setPollNameServerInterval(1000);
        producer.setMqClientApiTimeout(30_000);
        producer.setHeartbeatBrokerInterval(1000);
        producer.setTransactionListener(listener);
        producer.start();
        lab.closing(producer::shutdown);
        return producer;
    }

    private static TransactionSendResult send(TransactionMQProducer producer, String topic, String body) throws Exception {
        Message message = Lab.message(topic, "TagT", "key-" + body, body);
        message.putUserProperty("colour", "red");
        TransactionSendResult result = producer.sendMessageInTransaction(message, null);
        Lab.sent(result);
        Lab.check(result.getTransactionId() != null, "No transaction id for " + body);
        return result;
    }

    /** What is committed at once comes, with its own properties; what is rolled back never does. */
    static void outcome(Lab lab) throws Exception {
        Listener listener = new Listener();
        DefaultMQProducer plain = lab.producer();
        String topic = lab.topic(plain, "T");
        TransactionMQProducer producer = producer(lab, lab.unique("PG"), listener);
        Map<String, TransactionSendResult> results = new ConcurrentHashMap<>();
        for (int i = 0; i < 20; i++) {
            String body = (i % 2 == 0 ? "commit-" : "rollback-") + i;
            listener.first.put(body, i % 2 == 0 ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE);
            results.put(body, send(producer, topic, body));
        }
        // With the message that made the topic.
        List<MessageExt> messages = lab.drain(topic, 11);
        int committed = 0;
        for (MessageExt message : messages) {
            String body = Lab.text(message);
            if (body.equals("first")) continue;
            committed++;
            Lab.check(body.startsWith("commit-"), "Not committed: " + body);
            TransactionSendResult result = results.get(body);
            Lab.equal(result.getMsgId(), message.getMsgId(), "message id");
            Lab.equal(result.getMessageQueue().getQueueId(), message.getQueueId(), "queue");
            Lab.equal("TagT", message.getTags(), "tags");
            Lab.equal("key-" + body, message.getKeys(), "keys");
            Lab.equal("red", message.getUserProperty("colour"), "user property");
            Lab.equal("true", message.getProperty("TRAN_MSG"), "TRAN_MSG");
            Lab.equal(null, message.getProperty("REAL_TOPIC"), "REAL_TOPIC");
            Lab.equal(result.getMsgId(), message.getProperty("__transactionId__"), "__transactionId__");
            Lab.equal(8, message.getSysFlag() & 12, "transaction bits");
            Lab.equal(1, plain.queryMessage(topic, "key-" + body, 10, 0, System.currentTimeMillis() + 60_000).getMessageList().size(), "messages by key");
        }
        Lab.equal(10, committed, "committed messages");
    }

    /** An unknown outcome is asked for: with the message, until there is an answer, and no more then. */
    static void check(Lab lab) throws Exception {
        Listener listener = new Listener();
        String topic = lab.topic(lab.producer(), "T");
        String group = lab.unique("PG");
        TransactionMQProducer producer = producer(lab, group, listener);
        listener.later.put("no", LocalTransactionState.ROLLBACK_MESSAGE);
        listener.later.put("yes", LocalTransactionState.COMMIT_MESSAGE);
        TransactionSendResult sent = send(producer, topic, "yes");
        send(producer, topic, "no");
        send(producer, topic, "late");
        lab.await("a second question", () -> listener.questions("late") >= 2);
        listener.later.put("late", LocalTransactionState.COMMIT_MESSAGE);
        List<String> bodies = lab.drain(topic, 3).stream().map(Lab::text).sorted().toList();
        Lab.equal(List.of("first", "late", "yes"), bodies, "messages that came");
        MessageExt asked = listener.asked.get("yes");
        Lab.equal(topic, asked.getTopic(), "topic of the question");
        Lab.equal(sent.getMsgId(), asked.getProperty("UNIQ_KEY"), "id of the question");
        Lab.equal(group, asked.getProperty("PGROUP"), "group of the question");
        Lab.equal("red", asked.getUserProperty("colour"), "user property of the question");
        Lab.equal("1", asked.getProperty("TRANSACTION_CHECK_TIMES"), "count of the question");
        int late = listener.questions("late");
        Thread.sleep(NEXT_CHECK_MS);
        Lab.equal(1, listener.questions("yes"), "questions about yes");
        Lab.equal(1, listener.questions("no"), "questions about no");
        Lab.equal(late, listener.questions("late"), "questions about late, once it was committed");
    }

    /** What nobody decides is asked about so often and no more; then an operator finds it. */
    static void undecided(Lab lab) throws Exception {
        Listener listener = new Listener();
        String topic = lab.topic(lab.producer(), "T");
        TransactionMQProducer producer = producer(lab, lab.unique("PG"), listener);
        TransactionSendResult sent = send(producer, topic, "never");
        lab.await("three questions", () -> listener.questions("never") == 3);
        DefaultMQProducer plain = lab.producer();
        lab.await("the message among those given up", () -> given(plain, "key-never", sent.getMsgId()) != null);
        MessageExt message = given(plain, "key-never", sent.getMsgId());
        Lab.equal("never", Lab.text(message), "body of what was given up");
        Lab.equal(topic, message.getProperty("REAL_TOPIC"), "REAL_TOPIC of what was given up");
        Thread.sleep(NEXT_CHECK_MS);
        Lab.equal(3, listener.questions("never"), "questions");
        Lab.equal(1, lab.drain(topic, 1).size(), "messages of the topic");
    }

    private static MessageExt given(DefaultMQProducer producer, String key, String id) {
        try {
            for (MessageExt message : producer.queryMessage(GIVEN_UP, key, 32, 0, System.currentTimeMillis() + 60_000).getMessageList()) {
                if (id.equals(message.getProperty("UNIQ_KEY"))) return message;
            }
        } catch (Exception e) {
            return null;
        }
        return null;
    }

    /** The one that sent it is gone; another of its group knows the answer. */
    static void another(Lab lab) throws Exception {
        String topic = lab.topic(lab.producer(), "T");
        String group = lab.unique("PG");
        Listener listener = new Listener();
        listener.later.put("inherited", LocalTransactionState.COMMIT_MESSAGE);
        TransactionMQProducer other = producer(lab, group, listener);
        // It has to know the broker before the broker knows it.
        Lab.sent(other.send(Lab.message(topic, null, null, "hello")));
        TransactionMQProducer gone = producer(lab, group, new Listener());
        send(gone, topic, "inherited");
        gone.shutdown();
        List<String> bodies = lab.drain(topic, 3).stream().map(Lab::text).sorted().toList();
        Lab.equal(List.of("first", "hello", "inherited"), bodies, "messages that came");
    }

    /** Leaves transactions behind: of four, one committed, one rolled back, two without outcome. */
    static void leave(Lab lab, String topic, String group, int from, int count) throws Exception {
        Listener listener = new Listener();
        TransactionMQProducer producer = producer(lab, group, listener);
        for (int i = from; i < from + count; i++) {
            if (i % 4 == 0) listener.first.put("" + i, LocalTransactionState.COMMIT_MESSAGE);
            if (i % 4 == 1) listener.first.put("" + i, LocalTransactionState.ROLLBACK_MESSAGE);
            send(producer, topic, "" + i);
        }
    }

    /**
     * Ends what was left behind, half of it with a commit: the topic has 0, 2, 4, ... and nothing else.
     * What was committed when it was sent is there once, the rest at most `times`: Apache asks again
     * for what it has not noted as ended when the next round comes, and commits what it is told then.
     */
    static void inherit(Lab lab, String topic, String group, int count, int times) throws Exception {
        Listener listener = new Listener();
        for (int i = 0; i < count; i++) {
            listener.later.put("" + i, i % 2 == 0 ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE);
        }
        TransactionMQProducer producer = producer(lab, group, listener);
        // It has to know the broker before the broker knows it.
        Lab.sent(producer.send(Lab.message(lab.unique("T"), null, null, "hello")));
        lab.drainBodies(topic, count / 2);
        Thread.sleep(4000);
        Map<Integer, Integer> came = new java.util.TreeMap<>();
        for (MessageExt message : lab.drainBodies(topic, count / 2)) came.merge(Integer.parseInt(Lab.text(message)), 1, Integer::sum);
        List<Integer> wanted = java.util.stream.IntStream.range(0, count / 2).mapToObj(i -> 2 * i).toList();
        Lab.equal(wanted, List.copyOf(came.keySet()), "messages that came");
        came.forEach((i, number) -> Lab.check(number <= (i % 4 == 0 ? 1 : times), i + " came " + number + " times"));
    }
}
