package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.SigningKey;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signs a request by HTTP Message Signatures (RFC 9421): method, target, media type, message id, time, and by way of its
 * digest (RFC 9530) the body, each as it is sent. Stateless.
 */
final class MessageSigner {

    static final String INPUT = "Signature-Input";
    static final String SIGNATURE = "Signature";

    /** Tells our signatures from those that others on the way may add. */
    static final String TAG = "engagement-webhooks";

    private MessageSigner() {}

    /**
     * Adds {@code Content-Digest}, {@code Signature-Input} and {@code Signature}, with a member for each key: {@code sig1},
     * {@code sig2} and so on, in the order of the keys.
     *
     * @param request with everything else it is sent with
     * @param account whose keys they are
     * @param keys at least one
     * @param created seconds since 1970
     */
    static void sign(OutgoingRequest request, String account, List<SigningKey> keys, long created) {
        request.header(ContentDigest.HEADER, ContentDigest.of(request.body()));
        SignatureBase covered = covered(request);
        List<String> inputs = new ArrayList<>();
        List<String> signatures = new ArrayList<>();
        for (SigningKey key : keys) {
            SignatureBase base = covered.with(parameters(account, key, created));
            String label = "sig" + (inputs.size() + 1) + "=";
            inputs.add(label + base.input());
            signatures.add(label + StructuredField.bytes(key.sign(base.bytes())));
        }
        request.header(INPUT, String.join(", ", inputs));
        request.header(SIGNATURE, String.join(", ", signatures));
    }

    private static SignatureBase covered(OutgoingRequest request) {
        return new SignatureBase()
                .cover("@method", request.method())
                .cover("@target-uri", targetUri(request.url()))
                .cover("content-type", request.header("content-type"))
                .cover("content-digest", request.header(ContentDigest.HEADER))
                .cover(WebhookSigner.ID, request.header(WebhookSigner.ID))
                .cover(WebhookSigner.TIMESTAMP, request.header(WebhookSigner.TIMESTAMP));
    }

    private static Map<String, Object> parameters(String account, SigningKey key, long created) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("created", created);
        parameters.put("keyid", key.publicId(account));
        parameters.put("alg", key.scheme().algorithm());
        parameters.put("tag", TAG);
        return parameters;
    }

    /** What a receiver puts together from the Host header and the request line that the client writes. */
    static String targetUri(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return url.getScheme() + "://" + url.getRawAuthority() + path + query;
    }
}
