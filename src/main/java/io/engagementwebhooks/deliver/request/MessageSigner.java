package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.webhook.SigningKey;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signs a request by HTTP Message Signatures (RFC 9421): method, target URI, content type, message id, time and the
 * body's digest (RFC 9530). Stateless.
 */
final class MessageSigner {

    static final String INPUT = "Signature-Input";
    static final String SIGNATURE = "Signature";

    /** The {@code tag} of our signature, which distinguishes it from those of intermediaries. */
    static final String TAG = "engagement-webhooks";

    /** Covered headers, in the order of the signature input. */
    private static final List<String> COVERED =
            List.of("content-type", "content-digest", WebhookSigner.ID, WebhookSigner.TIMESTAMP);

    private MessageSigner() {}

    /**
     * Adds {@code Signature-Input} and {@code Signature}, with members {@code sig1}, {@code sig2} … in the order of the
     * keys.
     *
     * @param headers of the request, including all covered ones
     * @param account the owner of the keys
     * @param keys at least one
     * @param created seconds since 1970
     */
    static void sign(
            Map<String, Object> headers, URI url, String method, String account, List<SigningKey> keys, long created) {
        SignatureBase covered = covered(headers, url, method);
        List<String> inputs = new ArrayList<>();
        List<String> signatures = new ArrayList<>();
        for (SigningKey key : keys) {
            SignatureBase base = covered.with(parameters(account, key, created));
            String label = "sig" + (inputs.size() + 1) + "=";
            inputs.add(label + base.input());
            signatures.add(label + StructuredField.bytes(key.sign(base.bytes())));
        }
        headers.put(INPUT, String.join(", ", inputs));
        headers.put(SIGNATURE, String.join(", ", signatures));
    }

    private static SignatureBase covered(Map<String, Object> headers, URI url, String method) {
        SignatureBase base = new SignatureBase().cover("@method", method).cover("@target-uri", targetUri(url));
        for (String name : COVERED) {
            Object value = headers.get(name);
            if (value != null) {
                base.cover(name, value.toString());
            }
        }
        return base;
    }

    private static Map<String, Object> parameters(String account, SigningKey key, long created) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("created", created);
        parameters.put("keyid", key.publicId(account));
        parameters.put("alg", key.scheme().algorithm());
        parameters.put("tag", TAG);
        return parameters;
    }

    /** The target URI as a receiver builds it from the Host header and the request line. */
    static String targetUri(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return url.getScheme() + "://" + url.getRawAuthority() + path + query;
    }
}
