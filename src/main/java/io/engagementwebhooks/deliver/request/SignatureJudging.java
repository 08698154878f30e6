package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.signing.CustomSignature;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Judges the signatures of a received request as its receiver should. Both schemes are deterministic, so it signs again
 * with each key of the account and compares. Stateless.
 */
public final class SignatureJudging {

    private static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final Pattern SECONDS = Pattern.compile("\\d{1,12}");

    private SignatureJudging() {}

    /**
     * Whether a request is genuine.
     *
     * @param reason a sentence: the key that signed, or what is wrong
     */
    public record Verdict(boolean valid, String reason) {}

    /**
     * Judges each of {@code webhook-signature}, {@code Signature} and a signature in another form that the request has.
     *
     * @param keys of the account
     * @param customs of the webhooks that may have sent it
     * @param url with the scheme and host that the sender used
     * @param received headers by name in lower case
     * @param at when it was received
     */
    public static Verdict judge(
            String account,
            List<SigningKey> keys,
            List<CustomSignature> customs,
            String method,
            URI url,
            Map<String, List<String>> received,
            byte[] body,
            Instant at) {
        Map<String, Object> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        received.forEach((name, values) -> headers.put(name, String.join(", ", values)));
        String standard = (String) headers.get(WebhookSigner.SIGNATURE);
        String message = (String) headers.get(MessageSigner.SIGNATURE);
        Optional<CustomSignature> custom = customs.stream()
                .filter(each -> headers.containsKey(each.header()))
                .findFirst();
        if (standard == null && message == null && custom.isEmpty()) {
            return wrong("The request has no signature: neither " + WebhookSigner.SIGNATURE + " nor "
                    + MessageSigner.SIGNATURE + ".");
        }
        String time = String.valueOf(headers.get(WebhookSigner.TIMESTAMP));
        if (!headers.containsKey(WebhookSigner.ID) || !SECONDS.matcher(time).matches()) {
            return wrong("The request needs " + WebhookSigner.ID + ", and " + WebhookSigner.TIMESTAMP
                    + " in seconds since 1970.");
        }
        long sent = Long.parseLong(time);
        Duration apart = Duration.ofSeconds(sent - at.getEpochSecond()).abs();
        if (apart.compareTo(TOLERANCE) > 0) {
            return wrong("The timestamp differs from the time of receipt by " + apart.toSeconds()
                    + " s; at most 300 s are allowed.");
        }
        if (message != null && !ContentDigest.of(body).equals(headers.get(ContentDigest.HEADER))) {
            return wrong(ContentDigest.HEADER + " is not the digest of the body.");
        }
        List<SigningKey> valid =
                keys.stream().filter(key -> key.validity().covers(at)).toList();
        Optional<SigningKey> ofStandard = standard == null
                ? Optional.empty()
                : first(valid, key -> Arrays.asList(standard.split(" "))
                        .contains(WebhookSigner.sign(
                                headers.get(WebhookSigner.ID).toString(), sent, body, List.of(key))));
        Optional<SigningKey> ofMessage = message == null
                ? Optional.empty()
                : first(valid, key -> message.contains(signature(headers, url, method, account, key, sent)));
        if (standard != null && ofStandard.isEmpty()) {
            return byNoKey(WebhookSigner.SIGNATURE, valid);
        }
        if (message != null && ofMessage.isEmpty()) {
            return byNoKey(MessageSigner.SIGNATURE, valid);
        }
        if (custom.isPresent() && customs.stream().noneMatch(each -> isSigned(each, headers, body, sent))) {
            return byNoKey(custom.get().header(), valid);
        }
        if (standard == null && message == null) {
            return new Verdict(true, "Signed with a key of signing.custom.");
        }
        return new Verdict(
                true,
                "Signed with key "
                        + ofStandard.or(() -> ofMessage).orElseThrow().id() + ".");
    }

    private static boolean isSigned(CustomSignature custom, Map<String, Object> headers, byte[] body, long sent) {
        Map<String, String> signed =
                custom.headers(headers.get(WebhookSigner.ID).toString(), body, Instant.ofEpochSecond(sent));
        return !signed.isEmpty()
                && signed.entrySet().stream()
                        .allMatch(header -> header.getValue().equals(headers.get(header.getKey())));
    }

    private static Optional<SigningKey> first(List<SigningKey> keys, Predicate<SigningKey> signed) {
        return keys.stream().filter(signed).findFirst();
    }

    /** The value that this key alone gives {@code Signature}, without its label. */
    private static String signature(
            Map<String, Object> headers, URI url, String method, String account, SigningKey key, long created) {
        Map<String, Object> signed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        signed.putAll(headers);
        MessageSigner.sign(signed, url, method, account, List.of(key), created);
        String value = signed.get(MessageSigner.SIGNATURE).toString();
        return value.substring(value.indexOf('=') + 1);
    }

    private static Verdict byNoKey(String header, List<SigningKey> valid) {
        return wrong(
                valid.isEmpty()
                        ? "The account has no valid signing key."
                        : header
                                + " fits no valid key of the account: another key signed, or id, time or body changed.");
    }

    private static Verdict wrong(String reason) {
        return new Verdict(false, reason);
    }
}
