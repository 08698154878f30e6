package io.engagementwebhooks.console.pages;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/**
 * The accent color of the console and the colors derived from it (text on it, links, tints), readable in both themes.
 *
 * @param rgb red, green and blue in the lowest 24 bits
 */
public record AccentColor(int rgb) {

    /** Minimum contrast of text by WCAG level AA. */
    static final double READABLE = 4.5;

    private static final Pattern WRITTEN = Pattern.compile("#[0-9a-fA-F]{6}");
    private static final int WHITE = 0xffffff;
    private static final int BLACK = 0x000000;

    /** Surfaces of the dark theme, as console.css has them. */
    static final int DARK_SURFACE = 0x151a22;

    private static final double TINT = 0.08;
    private static final double DARK_TINT = 0.18;
    private static final double STEP = 0.04;

    /** @throws IllegalArgumentException if it is not written as #rrggbb */
    public static AccentColor parse(String text) {
        if (!WRITTEN.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return new AccentColor(Integer.parseInt(text.substring(1), 16));
    }

    /** As in the settings, such as {@code #3f4fd0}. */
    String code() {
        return written(rgb);
    }

    /** White or black, whichever is easier to read on the color: one of them has a contrast of at least 4.5. */
    int text() {
        return contrast(WHITE, rgb) >= contrast(BLACK, rgb) ? WHITE : BLACK;
    }

    int tint() {
        return mixed(WHITE, rgb, TINT);
    }

    int darkTint() {
        return mixed(DARK_SURFACE, rgb, DARK_TINT);
    }

    /** The color as text in the light theme: darkened until it is readable on the tint. */
    int link() {
        return readable(BLACK, tint());
    }

    /** The same in the dark theme: lightened. */
    int darkLink() {
        return readable(WHITE, darkTint(), DARK_SURFACE);
    }

    private int readable(int towards, int... grounds) {
        double share = 0;
        while (Arrays.stream(grounds).anyMatch(hidden(mixed(rgb, towards, share)))) {
            share += STEP;
        }
        return mixed(rgb, towards, share);
    }

    /** Backgrounds on which a text is hard to read. */
    private static IntPredicate hidden(int text) {
        return ground -> contrast(text, ground) < READABLE;
    }

    /** Style that replaces the built-in accent. */
    String style() {
        return ":root { --accent: %s; --on-accent: %s; --link: light-dark(%s, %s); --tint: light-dark(%s, %s); }\n"
                .formatted(
                        written(rgb),
                        written(text()),
                        written(link()),
                        written(darkLink()),
                        written(tint()),
                        written(darkTint()));
    }

    private static String written(int color) {
        return String.format(Locale.ROOT, "#%06x", color);
    }

    private static int mixed(int one, int other, double share) {
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            double part = (one >> shift & 0xff) * (1 - share) + (other >> shift & 0xff) * share;
            mixed |= (int) Math.round(part) << shift;
        }
        return mixed;
    }

    /** Contrast of two colors by WCAG, from 1 to 21. */
    static double contrast(int one, int other) {
        double brighter = Math.max(luminance(one), luminance(other));
        double darker = Math.min(luminance(one), luminance(other));
        return (brighter + 0.05) / (darker + 0.05);
    }

    private static double luminance(int color) {
        return 0.2126 * linear(color >> 16 & 0xff) + 0.7152 * linear(color >> 8 & 0xff) + 0.0722 * linear(color & 0xff);
    }

    private static double linear(int channel) {
        double part = channel / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    }
}
