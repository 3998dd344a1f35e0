import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Options;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.srvutil.ServerUtil;
import org.apache.rocketmq.tools.command.MQAdminStartup;
import org.apache.rocketmq.tools.command.SubCommand;

/**
 * Runs commands of the official mqadmin in one virtual machine, some at once: many wait three
 * seconds for nothing. A line of standard input is a number, a command and its arguments, tabs
 * between; its answer is the number, a tab, and the output in base64.
 * Commands that begin with @ use official clients, which stay until the end: `@produce GROUP TOPIC
 * QUEUE KEY BODY` (prints the two ids), `@consume GROUP TOPIC`, `@commit` (what they consumed).
 */
public class Runner {
  private static final PrintStream OUT = System.out;
  private static final int THREADS = 8;
  private static final int NAME_MS = 20;
  private static final int TIMEOUT_MS = 60_000;
  private static final List<DefaultMQPushConsumer> CONSUMERS = new CopyOnWriteArrayList<>();
  private static final InheritableThreadLocal<ByteArrayOutputStream> OUTPUT = new InheritableThreadLocal<>();
  private static DefaultMQProducer producer;

  public static void main(String[] args) throws Exception {
    System.setProperty("rocketmq.namesrv.addr", args[0]);
    System.setOut(captured());
    System.setErr(System.out);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split("\t", -1);
      pool.execute(() -> answer(parts[0], Arrays.copyOfRange(parts, 1, parts.length)));
    }
    System.exit(0);
  }

  /** Each command has its own output, and so have the threads that it starts. */
  private static PrintStream captured() {
    return new PrintStream(
        new OutputStream() {
          @Override
          public void write(int unit) {
            write(new byte[] {(byte) unit}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            ByteArrayOutputStream output = OUTPUT.get();
            if (output != null) {
              output.write(bytes, offset, length);
            }
          }
        },
        true,
        StandardCharsets.UTF_8);
  }

  private static void answer(String number, String[] command) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    OUTPUT.set(output);
    try {
      run(command);
    } catch (Throwable problem) {
      problem.printStackTrace(System.out);
    }
    System.out.flush();
    String text = Base64.getEncoder().encodeToString(output.toByteArray());
    synchronized (OUT) {
      OUT.println(number + "\t" + text);
      OUT.flush();
    }
  }

  private static void run(String[] command) throws Exception {
    switch (command[0]) {
      case "@produce":
        System.out.println(produce(command));
        break;
      case "@consume":
        consume(command[1], command[2]);
        break;
      case "@commit":
        for (DefaultMQPushConsumer consumer : CONSUMERS) {
          consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
        }
        break;
      default:
        runTool(command);
    }
  }

  /** As MQAdminStartup does it, but a wrong option does not end the virtual machine. */
  private static void runTool(String[] command) throws Exception {
    SubCommand tool = Tools.fresh(command[0]);
    Options options = tool.buildCommandlineOptions(ServerUtil.buildCommandlineOptions(new Options()));
    String[] arguments = Arrays.copyOfRange(command, 1, command.length);
    tool.execute(new DefaultParser().parse(options, arguments), options, null);
  }

  private static final class Tools extends MQAdminStartup {
    /** Some commands can run only once: they keep a client that is shut down then. */
    static synchronized SubCommand fresh(String name) throws InterruptedException {
      // Tools name their client by the millisecond: two of one name could not be started.
      Thread.sleep(NAME_MS);
      SUB_COMMANDS.clear();
      initCommand();
      for (SubCommand tool : SUB_COMMANDS) {
        if (tool.commandName().equals(name)) {
          return tool;
        }
      }
      throw new IllegalArgumentException("no command " + name);
    }
  }

  private static synchronized String produce(String[] command) throws Exception {
    if (producer == null) {
      producer = new DefaultMQProducer(command[1]);
      producer.setInstanceName("runner-producer");
      producer.setHeartbeatBrokerInterval(1000);
      producer.setMqClientApiTimeout(TIMEOUT_MS);
      producer.setSendMsgTimeout(TIMEOUT_MS);
      producer.start();
    }
    String topic = command[2];
    int queueId = Integer.parseInt(command[3]);
    byte[] body = command[5].getBytes(StandardCharsets.UTF_8);
    for (MessageQueue queue : producer.fetchPublishMessageQueues(topic)) {
      if (queue.getQueueId() != queueId) {
        continue;
      }
      SendResult result = producer.send(new Message(topic, "tagA", command[4], body), queue);
      return result.getMsgId() + " " + result.getOffsetMsgId();
    }
    throw new IllegalStateException("no queue " + queueId + " of " + topic);
  }

  private static void consume(String group, String topic) throws Exception {
    DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
    consumer.setInstanceName("runner-" + group);
    // A heartbeat that finds another one under way is not sent: the next comes soon, not after 30 s.
    consumer.setHeartbeatBrokerInterval(1000);
    consumer.setPollNameServerInterval(1000);
    consumer.setMqClientApiTimeout(TIMEOUT_MS);
    consumer.subscribe(topic, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
    consumer.start();
    CONSUMERS.add(consumer);
  }
}
