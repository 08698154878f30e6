package io.engagementwebhooks.quickstart;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Three receivers on one port: {@code /partner} and {@code /call-back} want user and password, {@code /crm} a token; all
 * want the signature. {@code /call-back} fails twice with each message before it takes it. Thread-safe.
 */
final class DemoReceivers implements AutoCloseable {

    private static final String USER = "acme";
    private static final int[] FIRST_ANSWERS = {503, 500};

    private final DemoSecrets secrets;
    private final DemoTokenServer tokens;
    private final SignatureCheck signature;
    private final Receiver receiver;
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
    private final List<String> refusals = new CopyOnWriteArrayList<>();

    DemoReceivers(DemoSecrets secrets, DemoTokenServer tokens, Clock clock) {
        this.secrets = secrets;
        this.tokens = tokens;
        this.signature = new SignatureCheck(secrets.signingSecret(), clock);
        this.receiver = new Receiver(this::answer);
    }

    String url(String path) {
        return receiver.url().resolve(path).toString();
    }

    /** Whether a receiver let this message in and answered 2xx. */
    boolean took(String messageId) {
        return taken.contains(messageId);
    }

    /** What was not let in, and why; each once. */
    List<String> refusals() {
        return refusals.stream().distinct().toList();
    }

    @Override
    public void close() {
        receiver.close();
    }

    private Reply answer(Got request) {
        String path = request.target().getPath();
        String authorization = request.header("Authorization");
        Optional<String> refusal =
                switch (path) {
                    case "/partner" -> passwordRefusal(authorization, secrets.partnerPassword());
                    case "/call-back" -> passwordRefusal(authorization, secrets.callBackPassword());
                    case "/crm" -> tokens.refusal(authorization);
                    default -> Optional.of("no listener there");
                };
        if (refusal.isPresent()) {
            return refused(path, 401, refusal.get());
        }
        return signature
                .refusal(request)
                .map(why -> refused(path, 403, why))
                .orElseGet(() -> take(path, request.header("webhook-id")));
    }

    private Reply take(String path, String messageId) {
        int attempt = attempts.merge(messageId, 1, Integer::sum);
        if (path.equals("/call-back") && attempt <= FIRST_ANSWERS.length) {
            return new Reply(FIRST_ANSWERS[attempt - 1], Map.of(), "not yet, for the sake of the demonstration");
        }
        taken.add(messageId);
        return new Reply(200, Map.of("Content-Type", "application/json"), "{\"thanks\":true}");
    }

    private Reply refused(String path, int status, String why) {
        refusals.add(path + " answered " + status + ": " + why);
        return new Reply(status, Map.of(), why);
    }

    private static Optional<String> passwordRefusal(String authorization, String password) {
        byte[] expected = ("Basic "
                        + Base64.getEncoder().encodeToString((USER + ":" + password).getBytes(StandardCharsets.UTF_8)))
                .getBytes(StandardCharsets.UTF_8);
        boolean matches = authorization != null
                && MessageDigest.isEqual(expected, authorization.getBytes(StandardCharsets.UTF_8));
        return matches ? Optional.empty() : Optional.of("wrong user or password");
    }
}
