package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.PublicUrl;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A request for display and records, with credentials and secret-like headers and fields masked. */
public final class ShownRequest {

    private ShownRequest() {}

    /** The URL without user, password and query values. */
    public static String url(OutgoingRequest request) {
        URI url = request.url();
        if (url.isOpaque()) {
            return url.toString();
        }
        return url.getHost() == null ? PublicUrl.path(url) : PublicUrl.of(url);
    }

    /** The headers in order. Signatures stay: they are no secrets, and receivers need them. */
    public static Map<String, String> headers(OutgoingRequest request) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.forEach((name, value) -> {
            boolean isSecret = value instanceof Credential || isConfidential(name);
            headers.put(name, isSecret ? masked(name, OutgoingRequest.clear(value)) : value.toString());
        });
        return headers;
    }

    /** The body; in a form, values of fields named like a secret are masked. */
    public static byte[] body(OutgoingRequest request) {
        if (!request.isForm()) {
            return request.body();
        }
        return Redactor.redactFields(new String(request.body(), StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isConfidential(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.startsWith("webhook-") && !lower.startsWith("signature") && Redactor.isSensitive(name);
    }

    /** A masked header value. The scheme of an Authorization header stays. */
    public static String masked(String name, String value) {
        int space = value.indexOf(' ');
        return space > 0 && name.equalsIgnoreCase("Authorization")
                ? value.substring(0, space) + " " + Redactor.MASK
                : Redactor.MASK;
    }
}
