package io.engagementwebhooks.console.text;

import io.engagementwebhooks.api.delivery.SentRequestView;
import java.util.Map;

/**
 * A request as a curl command, quoted for POSIX shells and without control characters, which terminals would execute.
 * Secrets stay masked.
 */
public final class Curl {

    private Curl() {}

    /** @return null: the body is unknown, is not text, or has control characters */
    public static String of(SentRequestView request) {
        if (request.body() == null || request.bodyCut() || !request.url().contains("://")) {
            return null;
        }
        StringBuilder command = new StringBuilder("curl -X ")
                .append(quoted(request.method()))
                .append(' ')
                .append(quoted(request.url()));
        for (Map.Entry<String, String> header : request.headers().entrySet()) {
            command.append(" \\\n  -H ").append(quoted(header.getKey() + ": " + header.getValue()));
        }
        command.append(" \\\n  --data-raw ").append(quoted(request.body()));
        return command.chars().allMatch(c -> c == '\n' || c == '\t' || !Character.isISOControl(c))
                ? command.toString()
                : null;
    }

    static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
