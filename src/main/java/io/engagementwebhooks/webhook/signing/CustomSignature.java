package io.engagementwebhooks.webhook.signing;

import io.engagementwebhooks.webhook.SigningKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A signature in the form of another sender, for receivers that verify one already (semantics 16). Immutable and
 * thread-safe.
 *
 * @param keys shared secrets, newest first; each signs while it is valid
 * @param header the header of the signature
 * @param timestampHeader the header of the time, in seconds since 1970; empty: none
 * @param algorithm the hash of the HMAC
 * @param encoding how the signature is written
 * @param prefix in front of the signature, with {@value #TIMESTAMP} for the time. Of several keys, each signature follows
 *     the one before after a comma and what the prefix has after its last comma
 * @param content what is signed: {@value #BODY} once, {@value #TIMESTAMP}, {@value #ID} and text
 * @param keyAs what of the key is the secret of the HMAC
 */
public record CustomSignature(
        List<SigningKey> keys,
        String header,
        Optional<String> timestampHeader,
        Algorithm algorithm,
        Encoding encoding,
        String prefix,
        String content,
        KeyAs keyAs) {

    private static final String BODY = "{body}";
    private static final String TIMESTAMP = "{timestamp}";
    private static final String ID = "{id}";

    /** The hash functions of the HMAC. */
    public enum Algorithm {
        SHA1("HmacSHA1"),
        SHA256("HmacSHA256"),
        SHA512("HmacSHA512");

        private final String hmac;

        Algorithm(String hmac) {
            this.hmac = hmac;
        }
    }

    /** How the bytes of a signature are written. */
    public enum Encoding {
        HEX(HexFormat.of()::formatHex),
        BASE64(Base64.getEncoder()::encodeToString);

        private final Function<byte[], String> written;

        Encoding(Function<byte[], String> written) {
            this.written = written;
        }
    }

    /** What of a key is the secret: the bytes that it holds, or their Base64 as text. */
    public enum KeyAs {
        BYTES,
        TEXT
    }

    public CustomSignature {
        keys = List.copyOf(keys);
        Objects.requireNonNull(header);
        Objects.requireNonNull(timestampHeader);
        Objects.requireNonNull(algorithm);
        Objects.requireNonNull(encoding);
        Objects.requireNonNull(prefix);
        Objects.requireNonNull(content);
        Objects.requireNonNull(keyAs);
    }

    /** The names of its headers, case-insensitive. */
    public Set<String> names() {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.add(header);
        timestampHeader.ifPresent(names::add);
        return names;
    }

    /** Whether it sets a header of this name, in any case. */
    public boolean sets(String name) {
        return header.equalsIgnoreCase(name)
                || timestampHeader.filter(name::equalsIgnoreCase).isPresent();
    }

    /** Whether several keys may sign: the prefix says what separates their signatures. */
    public boolean isRepeatable() {
        return prefix.indexOf(',') >= 0;
    }

    /**
     * The headers by their names; empty if no key is valid.
     *
     * @param id the value of {@code webhook-id}
     * @param body the bytes sent
     */
    public Map<String, String> headers(String id, byte[] body, Instant now) {
        String timestamp = Long.toString(now.getEpochSecond());
        String again = prefix.substring(prefix.lastIndexOf(',') + 1);
        byte[][] signed = parts(id, timestamp, body);
        String signatures = keys.stream()
                .filter(key -> key.validity().covers(now))
                .map(key -> encoding.written.apply(key.hmac(algorithm.hmac, keyAs == KeyAs.TEXT, signed)))
                .collect(Collectors.joining("," + again));
        Map<String, String> headers = new LinkedHashMap<>();
        if (!signatures.isEmpty()) {
            headers.put(header, prefix.replace(TIMESTAMP, timestamp) + signatures);
            timestampHeader.ifPresent(name -> headers.put(name, timestamp));
        }
        return headers;
    }

    private byte[][] parts(String id, String timestamp, byte[] body) {
        int at = content.indexOf(BODY);
        return new byte[][] {
            filled(content.substring(0, at), id, timestamp),
            body,
            filled(content.substring(at + BODY.length()), id, timestamp)
        };
    }

    private static byte[] filled(String text, String id, String timestamp) {
        return text.replace(TIMESTAMP, timestamp).replace(ID, id).getBytes(StandardCharsets.UTF_8);
    }
}
