package io.engagementwebhooks.webhook;

import java.util.regex.Pattern;

/**
 * Shortens a configuration text for an error message: short words stay whole; a text that may be a misplaced secret,
 * since it is long or mixes digits and letters like a key, is cut to its start.
 */
public final class Shown {

    private static final int LONGEST_WORD = 24;
    private static final int BEGINNING = 6;
    private static final int OF_LENGTH = 4;

    /** Letters after digits, except the T and Z of a time: in a long text, or several times. */
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
