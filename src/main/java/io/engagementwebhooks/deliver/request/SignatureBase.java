package io.engagementwebhooks.deliver.request;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The signature base of an HTTP message signature (RFC 9421, sections 2.3 and 2.5). Not thread-safe. */
final class SignatureBase {

    private final Map<String, String> components = new LinkedHashMap<>();
    private final StringBuilder parameters = new StringBuilder();

    /**
     * Adds a component.
     *
     * @param name in lower case: a header, or a derived component such as {@code @method}
     * @param value as it is sent
     */
    SignatureBase cover(String name, String value) {
        // whitespace around a field's value is not part of it
        if (components.put(StructuredField.string(name), value.strip()) != null) {
            throw new IllegalArgumentException(name + " is covered twice");
        }
        return this;
    }

    /** A copy with other parameters, as several keys sign the same components. */
    SignatureBase with(Map<String, Object> values) {
        SignatureBase other = new SignatureBase();
        other.components.putAll(components);
        values.forEach(other::parameter);
        return other;
    }

    private void parameter(String name, Object value) {
        parameters
                .append(';')
                .append(name)
                .append('=')
                .append(value instanceof Long ? value.toString() : StructuredField.string((String) value));
    }

    /** The signature parameters: the member of {@code Signature-Input} and the last line of the base. */
    String input() {
        return "(" + String.join(" ", components.keySet()) + ")" + parameters;
    }

    /** The text to sign. */
    byte[] bytes() {
        StringBuilder text = new StringBuilder(512);
        components.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.append("\"@signature-params\": ").append(input()).toString().getBytes(StandardCharsets.US_ASCII);
    }
}
