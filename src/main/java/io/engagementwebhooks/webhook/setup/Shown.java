package io.engagementwebhooks.webhook.setup;

/**
 * How a text of the file is repeated in a fault: a word as it stands; what is as long as a secret, and may be one that
 * slipped into the wrong line, by its beginning only.
 */
final class Shown {

    private static final int LONGEST_WORD = 24;
    private static final int BEGINNING = 6;

    private Shown() {}

    static String of(String text) {
        return text.length() <= LONGEST_WORD
                ? text
                : text.substring(0, BEGINNING) + "… (" + text.length() + " characters)";
    }
}
