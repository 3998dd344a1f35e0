import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.rocketmq.filter.expression.EvaluationContext;
import org.apache.rocketmq.filter.expression.Expression;
import org.apache.rocketmq.filter.FilterFactory;

/**
 * What RocketMQ's own SQL92 filter says. Lines in: expression TAB name=value&name=value, all parts
 * encoded as in URLs. Lines out: match, no, null (unknown), error (of the evaluation), invalid.
 */
public class SqlFilterRunner {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", -1);
            out.write(answer(decode(parts[0]), properties(parts[1])));
            out.write('\n');
        }
        out.flush();
    }

    private static String answer(String expression, Map<String, String> properties) {
        Expression compiled;
        try {
            compiled = FilterFactory.INSTANCE.get("SQL92").compile(expression);
        } catch (Throwable invalid) {
            return "invalid";
        }
        try {
            Object result = compiled.evaluate(new Context(properties));
            if (result == null) return "null";
            return Boolean.TRUE.equals(result) ? "match" : "no";
        } catch (Throwable failed) {
            return "error";
        }
    }

    private static Map<String, String> properties(String text) throws Exception {
        Map<String, String> properties = new HashMap<>();
        for (String pair : text.split("&")) {
            int at = pair.indexOf('=');
            if (at > 0) properties.put(decode(pair.substring(0, at)), decode(pair.substring(at + 1)));
        }
        return properties;
    }

    private static String decode(String text) throws Exception {
        return URLDecoder.decode(text, "UTF-8");
    }

    private record Context(Map<String, String> values) implements EvaluationContext {
        @Override
        public Object get(String name) {
            return values.get(name);
        }

        @Override
        public Map<String, Object> keyValues() {
            return new HashMap<>(values);
        }
    }
}
