import java.lang.reflect.Method;
import java.util.Map;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** The one call whose signature differs between the two clients. */
final class Administration {
    private static final String TEMPLATE = "TBW102";

    private Administration() {}

    static void createTopic(DefaultMQProducer producer, String topic, int queues) throws Exception {
        for (Method method : DefaultMQProducer.class.getMethods()) {
            if (!method.getName().equals("createTopic")) continue;
            Class<?>[] types = method.getParameterTypes();
            if (types.length == 3) {
                method.invoke(producer, TEMPLATE, topic, queues);
                return;
            }
            if (types.length == 4 && types[3] == Map.class) {
                method.invoke(producer, TEMPLATE, topic, queues, Map.of());
                return;
            }
        }
        throw new AssertionError("No createTopic that is known here");
    }
}
