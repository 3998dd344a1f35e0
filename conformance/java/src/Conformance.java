import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs scenarios on the official client against whatever answers at a name server's address:
 * java Conformance ADDRESS [SCENARIO ...] (all when none is named; "list" prints the names).
 * Prints one JSON line a scenario: {"name","ok","ms","error"}; ends with 1 when one failed.
 */
public final class Conformance {
    interface Scenario {
        void run(Lab lab) throws Exception;
    }

    private static final int PARALLEL = Integer.getInteger("parallel", 8);
    private static final long LIMIT_SECONDS = Long.getLong("limitSeconds", 300);
    private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();
    private static final Map<String, Scenario> SPECIAL = new LinkedHashMap<>();

    static {
        // The long ones come first: they set the length of the whole run.
        SCENARIOS.put("retry-dead-letter", RetryScenarios::retryDeadLetter);
        SCENARIOS.put("push-clustering", PushScenarios::clustering);
        SCENARIOS.put("orderly-dead-letter", RetryScenarios::orderlyDeadLetter);
        SCENARIOS.put("delay-levels", RetryScenarios::delayLevels);
        SCENARIOS.put("namespace-prefix", NamespaceScenarios::prefix);
        SCENARIOS.put("namespace-fields", NamespaceScenarios::fields);
        SCENARIOS.put("timers", TimerScenarios::times);
        SCENARIOS.put("timer-limits", TimerScenarios::limits);
        if (TimerScenarios.canRecall()) SCENARIOS.put("timer-recall", TimerScenarios::recall);
        SCENARIOS.put("push-broadcasting", PushScenarios::broadcasting);
        SCENARIOS.put("push-orderly", PushScenarios::orderly);
        SCENARIOS.put("push-tags", PushScenarios::tags);
        SCENARIOS.put("push-resume", PushScenarios::resume);
        SCENARIOS.put("push-young-topic", PushScenarios::youngTopic);
        SCENARIOS.put("lite-pull-assign", PullScenarios::assign);
        SCENARIOS.put("lite-pull-subscribe", PullScenarios::subscribe);
        SCENARIOS.put("offsets-by-time", PullScenarios::offsetsByTime);
        SCENARIOS.put("query-by-key-and-id", QueryScenarios::byKeyAndId);
        SCENARIOS.put("sync", SendScenarios::sync);
        SCENARIOS.put("async", SendScenarios::async);
        SCENARIOS.put("oneway", SendScenarios::oneway);
        SCENARIOS.put("batch", SendScenarios::batch);
        SCENARIOS.put("ordered-send", SendScenarios::ordered);
        SCENARIOS.put("big-bodies", SendScenarios::bigBodies);
        SCENARIOS.put("compressed-bodies", SendScenarios::compressedBodies);
        SCENARIOS.put("vip-channel", SendScenarios::vipChannel);
        SCENARIOS.put("create-topic", SendScenarios::createTopic);
        SCENARIOS.put("request-reply", RequestScenarios::requestReply);
        SCENARIOS.put("request-big", RequestScenarios::requestBig);
        SCENARIOS.put("request-timeout", RequestScenarios::requestTimeout);
        SCENARIOS.put("reply-to-nobody", RequestScenarios::replyToNobody);
        SCENARIOS.put("trace", TraceScenarios::trace);
        SCENARIOS.put("refusals", SendScenarios::refusals);
        SCENARIOS.put("transaction-outcome", TransactionScenarios::outcome);
        SCENARIOS.put("sql-push", SqlScenarios::push);
        SCENARIOS.put("sql-retry", SqlScenarios::retry);
        SCENARIOS.put("sql-lite-pull", SqlScenarios::litePull);
        SCENARIOS.put("sql-refused", SqlScenarios::refused);
        // Only when named: the broker must be set for them.
        SPECIAL.put("transaction-check", TransactionScenarios::check);
        SPECIAL.put("transaction-undecided", TransactionScenarios::undecided);
        SPECIAL.put("transaction-another", TransactionScenarios::another);
        registerNewer("PopScenarios");
        registerNewer("LiteScenarios");
    }

    /** Scenarios that only the newer client can run register themselves. */
    private static void registerNewer(String className) {
        try {
            Class.forName(className).getDeclaredMethod("register", Map.class).invoke(null, SCENARIOS);
        } catch (ClassNotFoundException e) {
            // Not compiled for the older client.
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            System.err.println("Usage: Conformance ADDRESS [list | SCENARIO ...]");
            System.exit(2);
        }
        List<String> names = new ArrayList<>(List.of(arguments).subList(1, arguments.length));
        if (names.equals(List.of("list"))) {
            SCENARIOS.keySet().forEach(System.out::println);
            return;
        }
        if (names.isEmpty()) names.addAll(SCENARIOS.keySet());
        // The clients print to standard output now and then: the results have it for themselves.
        PrintStream results = System.out;
        System.setOut(System.err);
        int failed = run(arguments[0], names, results);
        results.flush();
        // Some threads of the clients are no daemons.
        Runtime.getRuntime().halt(failed == 0 ? 0 : 1);
    }

    private static int run(String address, List<String> names, PrintStream results) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(PARALLEL);
        List<Future<Boolean>> outcomes = new ArrayList<>();
        for (String name : names) outcomes.add(pool.submit(() -> report(address, name, results)));
        int failed = 0;
        for (Future<Boolean> outcome : outcomes) if (!outcome.get()) failed++;
        return failed;
    }

    private static boolean report(String address, String name, PrintStream results) {
        long began = System.nanoTime();
        String error = attempt(address, name);
        long ms = (System.nanoTime() - began) / 1_000_000;
        String end = error == null ? "" : ",\"error\":" + quoted(error);
        String start = "{\"name\":" + quoted(name) + ",\"ok\":" + (error == null);
        synchronized (results) {
            results.println(start + ",\"ms\":" + ms + end + "}");
            results.flush();
        }
        return error == null;
    }

    /** What went wrong; null when nothing did. */
    private static String attempt(String address, String name) {
        Scenario scenario = find(name);
        if (scenario == null) return "There is no such scenario";
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Lab lab = new Lab(address, name.replaceAll("[^a-z-].*", ""))) {
            Future<?> done = thread.submit(() -> {
                scenario.run(lab);
                return null;
            });
            try {
                done.get(LIMIT_SECONDS, TimeUnit.SECONDS);
                return null;
            } catch (TimeoutException e) {
                return "Not done after " + LIMIT_SECONDS + " s: " + lab.waitingFor();
            }
        } catch (Throwable e) {
            return describe(e);
        } finally {
            thread.shutdownNow();
        }
    }

    /** By its name, or with arguments for what a test calls step by step: fill=TOPIC,FROM,COUNT,LEVEL. */
    private static Scenario find(String name) {
        String[] parts = name.split("[=,]");
        if (parts[0].equals("fill") && parts.length == 5) {
            return lab -> Ledger.fill(lab, parts[1], number(parts[2]), number(parts[3]), number(parts[4]));
        }
        if (parts[0].equals("follow") && parts.length == 5) {
            return lab -> Ledger.follow(lab, parts[1], parts[2], number(parts[3]), number(parts[4]));
        }
        if (parts[0].equals("drain") && parts.length == 3) {
            return lab -> Ledger.drain(lab, parts[1], number(parts[2]));
        }
        if (parts[0].equals("reply") && parts.length == 3) {
            return lab -> RequestScenarios.reply(lab, parts[1], number(parts[2]));
        }
        if (parts[0].equals("request") && parts.length == 3) {
            return lab -> RequestScenarios.request(lab, parts[1], number(parts[2]));
        }
        if (parts[0].equals("leave") && parts.length == 5) {
            return lab -> TransactionScenarios.leave(lab, parts[1], parts[2], number(parts[3]), number(parts[4]));
        }
        if (parts[0].equals("inherit") && parts.length == 5) {
            return lab -> TransactionScenarios.inherit(lab, parts[1], parts[2], number(parts[3]), number(parts[4]));
        }
        if (parts[0].equals("order-through") && parts.length == 4) {
            return lab -> OrderScenarios.through(lab, parts[1], number(parts[2]), number(parts[3]));
        }
        if (parts[0].equals("pop-beside") && parts.length == 4) {
            return lab -> RequestScenarios.popBeside(lab, parts[1], parts[2], number(parts[3]));
        }
        return SPECIAL.getOrDefault(name, SCENARIOS.get(name));
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    private static String describe(Throwable thrown) {
        Throwable error = thrown;
        if (error instanceof java.util.concurrent.ExecutionException) error = error.getCause();
        StringBuilder text = new StringBuilder(error.toString());
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            text.append("; caused by ").append(cause);
        }
        int places = 0;
        for (StackTraceElement place : error.getStackTrace()) {
            if (place.getClassName().contains(".") || places == 3) continue;
            text.append(" at ").append(place.getFileName()).append(':').append(place.getLineNumber());
            places++;
        }
        return text.toString();
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }
}
