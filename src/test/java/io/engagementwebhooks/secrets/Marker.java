package io.engagementwebhooks.secrets;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A text that stands at the start of every secret that a test plants, and nowhere else in the world, with the forms in which
 * it shows through: as it is, in Base64 wherever it begins, in hex, percent-encoded. It is of letters and digits, so that it
 * looks the same in a form, in JSON and in XML. Immutable.
 */
final class Marker {

    static final int LENGTH = 16;

    private final String text;
    private final Map<String, String> forms = new LinkedHashMap<>();

    Marker() {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        text = "Plnt" + HexFormat.of().formatHex(random);
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        forms.put("plain", text);
        forms.put("lower case", text.toLowerCase(Locale.ROOT));
        forms.put("upper case", text.toUpperCase(Locale.ROOT));
        for (int before = 0; before < 3; before++) {
            forms.put("Base64, at " + before, base64(bytes, before));
        }
        forms.put("hex", HexFormat.of().formatHex(bytes));
        forms.put("HEX", HexFormat.of().withUpperCase().formatHex(bytes));
        forms.put(
                "percent-encoded",
                HexFormat.of().withUpperCase().withPrefix("%").formatHex(bytes));
        forms.put("bytes of a list", Arrays.toString(bytes).replaceAll("[\\[\\]]", ""));
    }

    /** What of the Base64 of some bytes hangs on these alone, where so many others stand before them. */
    private static String base64(byte[] bytes, int before) {
        byte[] shifted = new byte[before + bytes.length];
        System.arraycopy(bytes, 0, shifted, before, bytes.length);
        String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        int first = before == 0 ? 0 : before + 1;
        int last = shifted.length * 8 / 6;
        return encoded.substring(first, last);
    }

    /** A secret of a kind: unique, and with characters that every encoding changes. */
    String secret(String kind) {
        return text + "-" + kind + "/+&=\"<ü>%";
    }

    /** A secret of a kind, of characters that may stand in a header. */
    String token(String kind) {
        return text + "-" + kind + "~._0123456789";
    }

    /** So many bytes, of which the first are the marker. */
    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, LENGTH);
        return bytes;
    }

    /** Where a text holds the marker: the form, and what stands around it. */
    List<String> in(String seen) {
        List<String> found = new ArrayList<>();
        forms.forEach((form, pattern) -> {
            int at = seen.indexOf(pattern);
            if (at >= 0) {
                String around = seen.substring(Math.max(0, at - 160), Math.min(seen.length(), at + 80));
                found.add(form + ": …" + around.replaceAll("[\\x00-\\x1f]+", " ") + "…");
            }
        });
        return found;
    }

    Map<String, String> forms() {
        return forms;
    }
}
