package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.SentRequestView;
import java.util.Map;

/** A request as a command of curl, quoted for POSIX shells. What is secret stays masked, as the request is shown. */
public final class Curl {

    private Curl() {}

    /** @return null: the body is not known, or is no text */
    public static String of(SentRequestView request) {
        if (request.body() == null || request.bodyCut() || !request.url().contains("://")) {
            return null;
        }
        StringBuilder command =
                new StringBuilder("curl -X ").append(quoted(request.method())).append(' ').append(quoted(request.url()));
        for (Map.Entry<String, String> header : request.headers().entrySet()) {
            command.append(" \\\n  -H ").append(quoted(header.getKey() + ": " + header.getValue()));
        }
        return command.append(" \\\n  --data-raw ").append(quoted(request.body())).toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
