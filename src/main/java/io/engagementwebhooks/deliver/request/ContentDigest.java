package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.event.Sha256;

/** The {@code Content-Digest} of a body, RFC 9530. Stateless. */
final class ContentDigest {

    static final String HEADER = "Content-Digest";

    private ContentDigest() {}

    /** The header's value: the SHA-256 of the bytes sent. */
    static String of(byte[] body) {
        return "sha-256=" + StructuredField.bytes(Sha256.of(body));
    }
}
