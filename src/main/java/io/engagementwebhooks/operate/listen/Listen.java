package io.engagementwebhooks.operate.listen;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The command {@code listen}: connects to an installation, passes each request that comes to the local address, prints a
 * line with the response, and reports it. Connects again after a lost connection. Used by one thread.
 */
public final class Listen {

    /** The environment variable with the API key. */
    public static final String KEY = "ENGAGEMENT_WEBHOOKS_KEY";

    private static final JsonMapper JSON = new JsonMapper();

    /** The server sends a sign of life each 15 s. */
    private static final int SILENCE_MILLIS = 60_000;

    private static final int CONNECT_MILLIS = 15_000;
    private static final long LONGEST_WAIT_SECONDS = 15;

    /** Responses after which another request has the same result. */
    private static final Set<Integer> FINAL = Set.of(400, 401, 403, 404);

    private final PrintStream out;
    private final PrintStream err;
    private final String key;
    private final Arguments arguments;
    private final LocalReceiver receiver;
    private String lastId;
    private boolean wasConnected;
    private long waitSeconds;

    private Listen(PrintStream out, PrintStream err, String key, Arguments arguments) {
        this.out = out;
        this.err = err;
        this.key = key;
        this.arguments = arguments;
        this.receiver = new LocalReceiver(arguments.to());
    }

    /** Ends the command, with its exit code. */
    private static final class EndException extends Exception {

        private static final long serialVersionUID = 1L;
        private final int code;

        EndException(int code, String message) {
            super(message);
            this.code = code;
        }
    }

    /**
     * Runs until the installation ends the connection for good, or the thread is interrupted.
     *
     * @param key the API key, or null
     * @return the exit code: 0: ended, 1: refused, 2: invalid arguments
     */
    public static int run(PrintStream out, PrintStream err, String key, List<String> given) {
        try {
            if (key == null || key.isBlank()) {
                throw new IllegalArgumentException("listen needs an API key of role read in " + KEY);
            }
            new Listen(out, err, key.strip(), Arguments.of(given)).run();
            return 0;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage() + "; see --help");
            return 2;
        } catch (EndException e) {
            err.println(e.getMessage());
            return e.code;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private void run() throws EndException, InterruptedException {
        while (true) {
            try {
                listen();
                lost("the connection ended");
            } catch (IOException e) {
                lost(e.getMessage());
            }
            TimeUnit.SECONDS.sleep(waitSeconds);
        }
    }

    /** Said once, however often it cannot be connected. */
    private void lost(String why) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (waitSeconds == 0) {
            err.println("not connected to " + arguments.url() + " (" + why + "); trying again");
        }
        waitSeconds = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, 2 * waitSeconds));
    }

    private void listen() throws IOException, EndException, InterruptedException {
        HttpURLConnection connection = open(path());
        connection.setRequestProperty("Accept", "text/event-stream");
        if (lastId != null) {
            connection.setRequestProperty("Last-Event-ID", lastId);
        }
        try {
            refuse(connection);
            EventStream stream = new EventStream(connection.getInputStream());
            for (EventStream.Message next = stream.next(); next != null; next = stream.next()) {
                handle(next);
            }
        } finally {
            connection.disconnect();
        }
    }

    private String path() {
        return "/v1/listen?to=" + encoded(arguments.to().toString())
                + (arguments.events() == null ? "" : "&events=" + encoded(arguments.events()))
                + (arguments.webhook() == null ? "" : "&webhook=" + encoded(arguments.webhook()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpURLConnection open(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(arguments.url() + path).toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + key);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(SILENCE_MILLIS);
        return connection;
    }

    private void refuse(HttpURLConnection connection) throws IOException, EndException {
        int status = connection.getResponseCode();
        if (status == 200) {
            return;
        }
        String detail = status + detail(connection.getErrorStream());
        if (FINAL.contains(status)) {
            throw new EndException(1, arguments.url() + " answered " + detail);
        }
        throw new IOException("it answered " + detail);
    }

    private static String detail(InputStream problem) {
        try {
            return problem == null
                    ? ""
                    : ": " + JSON.readTree(problem).path("detail").asText();
        } catch (IOException e) {
            return "";
        }
    }

    private void handle(EventStream.Message message) throws IOException, EndException, InterruptedException {
        JsonNode data = JSON.readTree(message.data());
        switch (message.event()) {
            case "ready" -> {
                out.println((wasConnected ? "connected again" : "listening") + ": requests of " + arguments.url()
                        + " go to " + arguments.to());
                wasConnected = true;
                waitSeconds = 0;
            }
            case "request" -> pass(data);
            case "left-out" -> err.println("too many events at once: older ones were left out");
            case "end" -> throw new EndException(0, data.get("reason").asText());
            default -> {
                // of a newer installation
            }
        }
        if (!message.id().isEmpty()) {
            lastId = message.id();
        }
    }

    private void pass(JsonNode request) throws IOException, InterruptedException {
        String line = LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + "  "
                + request.get("type").asText() + "  " + request.get("eventId").asText() + "  ";
        if (request.hasNonNull("fault")) {
            out.println(line + "not sent: " + request.get("fault").asText());
            return;
        }
        ObjectNode result = receiver.send(request);
        String answer = result.has("status")
                ? result.get("status").asText()
                : result.get("error").asText();
        out.println(line + answer + "  " + result.get("ms") + " ms"
                + report(request.get("id").asText(), result));
    }

    /** Reports a response. @return empty, or that it was not recorded, and why */
    private String report(String id, ObjectNode result) {
        try {
            HttpURLConnection connection = open("/v1/listen/" + id);
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            JSON.writeValue(connection.getOutputStream(), result);
            int status = connection.getResponseCode();
            if (status == 200) {
                connection.getInputStream().close();
                return "";
            }
            return "  (not recorded: " + status + detail(connection.getErrorStream()) + ")";
        } catch (IOException e) {
            return "  (not recorded: " + e.getMessage() + ")";
        }
    }
}
