package io.engagementwebhooks.webhook;

import java.util.regex.Pattern;

/**
 * How a text of a configuration is repeated in a fault: a word as it stands; what may be a secret that slipped into the wrong
 * line, by its beginning only. That is what is longer than words are, and what mixes digits and letters as keys do.
 */
public final class Shown {

    private static final int LONGEST_WORD = 24;
    private static final int BEGINNING = 6;
    private static final int OF_LENGTH = 4;

    /** Letters after digits, but for the T and Z of a time: in what is long, or several times. */
    private static final Pattern LIKE_A_KEY =
            Pattern.compile("(?=.{16}|(?=.{8}).*\\d[A-SU-Ya-z].*\\d[A-SU-Ya-z]).*\\d[A-SU-Ya-z].*", Pattern.DOTALL);

    private Shown() {}

    public static String of(String text) {
        int length = text.length();
        return length <= LONGEST_WORD && !LIKE_A_KEY.matcher(text).matches()
                ? text
                : text.substring(0, Math.min(BEGINNING, length / OF_LENGTH)) + "… (" + length + " characters)";
    }
}
