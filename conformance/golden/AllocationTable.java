import java.util.*;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.rebalance.*;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Prints allocation.json: what the official allocation strategies answer for a table of cases.
 * Run with the jars of rocketmq-client 5.5.0 on the class path: java -cp 'lib/*' AllocationTable.java
 */
public class AllocationTable {
    static List<MessageQueue> queues(int brokers, int perBroker, String prefix) {
        List<MessageQueue> all = new ArrayList<>();
        for (int b = 0; b < brokers; b++)
            for (int q = 0; q < perBroker; q++) all.add(new MessageQueue("TopicOrders", prefix.replace("#", String.valueOf((char) ('a' + b))), q));
        Collections.sort(all);
        return all;
    }

    static List<String> clients(int count, boolean rooms) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++)
            all.add((rooms ? "room" + (char) ('a' + i % 2) + "-" : "") + "10.0.3." + (7 + 5 * i) + "@" + (4100 + 37 * i) + "#" + (90071L + 7919L * i));
        Collections.sort(all);
        return all;
    }

    static StringBuilder out = new StringBuilder("[\n");
    static boolean first = true;

    static void emit(String strategy, AllocateMessageQueueStrategy s, List<MessageQueue> mqs, List<String> cids, int brokers, int perBroker) {
        StringBuilder shares = new StringBuilder();
        for (String cid : cids) {
            List<MessageQueue> share = s.allocate("GroupOrders", cid, new ArrayList<>(mqs), new ArrayList<>(cids));
            if (shares.length() > 0) shares.append(",");
            shares.append("\"");
            for (int i = 0; i < share.size(); i++) {
                if (i > 0) shares.append(" ");
                shares.append(mqs.indexOf(share.get(i)));
            }
            shares.append("\"");
        }
        StringBuilder q = new StringBuilder();
        LinkedHashMap<String, Integer> names = new LinkedHashMap<>();
        for (MessageQueue mq : mqs) names.merge(mq.getBrokerName(), 1, Integer::sum);
        for (Map.Entry<String, Integer> e : names.entrySet()) {
            if (q.length() > 0) q.append(",");
            q.append("\"").append(e.getKey()).append("\"");
        }
        if (!first) out.append(",\n");
        first = false;
        out.append("{\"strategy\":\"").append(strategy).append("\",\"brokers\":[").append(q).append("],\"perBroker\":").append(perBroker)
           .append(",\"clients\":[\"").append(String.join("\",\"", cids)).append("\"],\"shares\":[").append(shares).append("]}");
    }

    public static void main(String[] args) {
        int[] sizes = {1, 2, 3, 4, 7};
        int[] counts = {1, 2, 3, 4, 5, 9, 17};
        for (int b = 1; b <= 3; b++) for (int p : sizes) for (int c : counts) {
            List<MessageQueue> mqs = queues(b, p, "broker-#");
            List<String> cids = clients(c, false);
            emit("AVG", new AllocateMessageQueueAveragely(), mqs, cids, b, p);
            emit("AVG_BY_CIRCLE", new AllocateMessageQueueAveragelyByCircle(), mqs, cids, b, p);
            if (c <= 9) emit("CONSISTENT_HASH", new AllocateMessageQueueConsistentHash(), mqs, cids, b, p);
        }
        for (int b = 1; b <= 3; b++) for (int p : sizes) for (int c : new int[]{1, 2, 3, 5}) {
            List<MessageQueue> mqs = queues(b, p, "room#@broker-#");
            AllocateMessageQueueByMachineRoom byRoom = new AllocateMessageQueueByMachineRoom();
            byRoom.setConsumeridcs(new HashSet<>(Arrays.asList("rooma", "roomc")));
            emit("MACHINE_ROOM", byRoom, mqs, clients(c, false), b, p);
            AllocateMachineRoomNearby.MachineRoomResolver resolver = new AllocateMachineRoomNearby.MachineRoomResolver() {
                public String brokerDeployIn(MessageQueue mq) { return mq.getBrokerName().split("@")[0]; }
                public String consumerDeployIn(String clientId) { return clientId.split("-")[0]; }
            };
            AllocateMessageQueueStrategy near = new AllocateMachineRoomNearby(new AllocateMessageQueueAveragely(), resolver);
            emit("MACHINE_ROOM_NEARBY-AVG", near, mqs, clients(c, true), b, p);
        }
        System.out.println(out.append("\n]"));
    }
}
