package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.SensitiveNames;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.apache.commons.text.translate.EntityArrays;

/**
 * Masks secrets in what others say, however they write them: as they are, in JSON, in addresses and forms, in HTML and XML.
 * There are many ways to write a sign in each, so it is what was said that is decoded, and the secret is looked for there.
 */
public final class SecretForms {

    private static final int LONGEST_ENTITY = 12;
    private static final Map<String, Integer> ENTITIES = entities();

    private SecretForms() {}

    /**
     * The text without the secrets.
     *
     * @param bytes one character for each byte of a text in UTF-8
     * @param secrets as they are
     * @return the same object where there is none in it
     */
    public static String maskBytes(String bytes, Collection<String> secrets) {
        BitSet secret = new BitSet();
        secrets.forEach(one -> mark(secret, bytes, at -> at, asBytes(one)));
        List<String> written = secrets.stream()
                .filter(one -> constant(one).length() < one.length())
                .map(SecretForms::asBytes)
                .toList();
        if (!written.isEmpty()) {
            for (Writing writing : Writing.values()) {
                if (writing.signs.chars().anyMatch(sign -> bytes.indexOf(sign) >= 0)) {
                    Decoded decoded = writing.decoded(bytes);
                    String text = decoded.text.toString();
                    written.forEach(one -> mark(secret, text, decoded::start, one));
                }
            }
        }
        return secret.isEmpty() ? bytes : without(secret, bytes);
    }

    /** The same of a text in characters. */
    public static String mask(String text, Collection<String> secrets) {
        String bytes = asBytes(text);
        String masked = maskBytes(bytes, secrets);
        return masked.equals(bytes)
                ? text
                : new String(masked.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /**
     * The longest part of a secret that is the same however it is written: letters and digits. Where it is not, the secret is
     * not either.
     */
    public static String constant(String secret) {
        int best = 0;
        int bestEnd = 0;
        int length = 0;
        for (int i = 0; i < secret.length(); i++) {
            length = isPlain(secret.charAt(i)) ? length + 1 : 0;
            if (length > best) {
                best = length;
                bestEnd = i + 1;
            }
        }
        return secret.substring(bestEnd - best, bestEnd);
    }

    private static boolean isPlain(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    private static String asBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static void mark(BitSet secret, String text, IntUnaryOperator start, String wanted) {
        int at = wanted.isEmpty() ? -1 : text.indexOf(wanted);
        while (at >= 0) {
            int end = at + wanted.length();
            secret.set(start.applyAsInt(at), start.applyAsInt(end));
            at = text.indexOf(wanted, end);
        }
    }

    private static String without(BitSet secret, String bytes) {
        StringBuilder masked = new StringBuilder();
        int end = 0;
        for (int start = secret.nextSetBit(0); start >= 0; start = secret.nextSetBit(end)) {
            masked.append(bytes, end, start).append(SensitiveNames.MASK);
            end = secret.nextClearBit(start);
        }
        return masked.append(bytes, end, bytes.length()).toString();
    }

    private static Map<String, Integer> entities() {
        Map<String, Integer> entities = new HashMap<>();
        for (Map<CharSequence, CharSequence> some : List.of(
                EntityArrays.BASIC_UNESCAPE,
                EntityArrays.APOS_UNESCAPE,
                EntityArrays.ISO8859_1_UNESCAPE,
                EntityArrays.HTML40_EXTENDED_UNESCAPE)) {
            some.forEach((entity, sign) -> entities.put(entity.toString(), (int) sign.charAt(0)));
        }
        return entities;
    }

    /** A text, and where in what was said each of its bytes begins. Not thread-safe. */
    private static final class Decoded {

        private final StringBuilder text;
        private int[] starts;

        Decoded(int length) {
            this.text = new StringBuilder(length);
            this.starts = new int[length + 1];
        }

        int start(int at) {
            return starts[at];
        }

        void add(int oneByte, int start) {
            if (text.length() + 1 >= starts.length) {
                starts = Arrays.copyOf(starts, starts.length * 2 + 1);
            }
            starts[text.length()] = start;
            text.append((char) oneByte);
        }

        /** All bytes of a character that is one sign in what was said. */
        void addCharacter(int codePoint, int start) {
            for (byte one : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
                add(one & 0xFF, start);
            }
        }

        Decoded endingAt(int end) {
            starts[text.length()] = end;
            return this;
        }
    }

    /** How signs are written that are not written as they are. */
    private enum Writing {
        JSON("\\") {
            @Override
            int read(String said, int at, Decoded to) {
                int unit = unit(said, at);
                if (unit >= 0) {
                    int second = Character.isHighSurrogate((char) unit) ? unit(said, at + 6) : -1;
                    boolean isPair = second >= 0 && Character.isLowSurrogate((char) second);
                    to.addCharacter(isPair ? Character.toCodePoint((char) unit, (char) second) : unit, at);
                    return isPair ? 12 : 6;
                }
                int escaped = at + 1 < said.length() ? ESCAPED.indexOf(said.charAt(at + 1)) : -1;
                if (escaped < 0) {
                    return 0;
                }
                to.add(MEANT.charAt(escaped), at);
                return 2;
            }

            private int unit(String said, int at) {
                return said.startsWith("\\u", at) ? number(said, at + 2, at + 6, 16) : -1;
            }
        },
        ADDRESS("%") {
            @Override
            int read(String said, int at, Decoded to) {
                int value = number(said, at + 1, at + 3, 16);
                if (value < 0) {
                    return 0;
                }
                to.add(value, at);
                return 3;
            }
        },
        FORM("%+") {
            @Override
            int read(String said, int at, Decoded to) {
                if (said.charAt(at) == '%') {
                    return ADDRESS.read(said, at, to);
                }
                to.add(' ', at);
                return 1;
            }
        },
        PAGE("&") {
            @Override
            int read(String said, int at, Decoded to) {
                int end = said.indexOf(';', at);
                if (end < 0 || end - at > LONGEST_ENTITY) {
                    return 0;
                }
                int meant = meant(said, at, end);
                if (!Character.isValidCodePoint(meant)) {
                    return 0;
                }
                to.addCharacter(meant, at);
                return end + 1 - at;
            }

            private int meant(String said, int at, int end) {
                if (said.charAt(at + 1) != '#') {
                    return ENTITIES.getOrDefault(said.substring(at, end + 1), -1);
                }
                boolean isHex = said.charAt(at + 2) == 'x' || said.charAt(at + 2) == 'X';
                return number(said, at + (isHex ? 3 : 2), end, isHex ? 16 : 10);
            }
        };

        private static final String ESCAPED = "\"\\/bfnrt";
        private static final String MEANT = "\"\\/\b\f\n\r\t";

        /** What one of these begins with. */
        private final String signs;

        Writing(String signs) {
            this.signs = signs;
        }

        /**
         * Reads one sign.
         *
         * @param at where it begins
         * @return how long it is, or 0: it is none, and stands for itself
         */
        abstract int read(String said, int at, Decoded to);

        Decoded decoded(String said) {
            Decoded decoded = new Decoded(said.length());
            int at = 0;
            while (at < said.length()) {
                int length = signs.indexOf(said.charAt(at)) < 0 ? 0 : read(said, at, decoded);
                if (length == 0) {
                    decoded.add(said.charAt(at), at);
                }
                at += Math.max(1, length);
            }
            return decoded.endingAt(at);
        }

        /** A number in digits alone, or -1. */
        private static int number(String said, int start, int end, int radix) {
            if (end > said.length() || start >= end) {
                return -1;
            }
            long number = 0;
            for (int i = start; i < end; i++) {
                int digit = Character.digit(said.charAt(i), radix);
                if (digit < 0) {
                    return -1;
                }
                number = number * radix + digit;
            }
            return number > Character.MAX_CODE_POINT ? -1 : (int) number;
        }
    }
}
