package io.engagementwebhooks.config.schema;

import io.engagementwebhooks.webhook.Durations;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The formats of texts, and the bounds of durations, that the {@link Schema} adds to the keywords of JSON Schema. */
final class Formats {

    /** By keyword: whether a text fits the keyword's value. */
    static final Map<String, BiPredicate<String, String>> KEYWORDS = Map.of(
            "x-format", Formats::fits,
            "x-least",
                    (least, text) -> duration(text)
                            .map(one -> one.compareTo(Durations.parse(least)) >= 0)
                            .orElse(true),
            "x-most",
                    (most, text) -> duration(text)
                            .map(one -> one.compareTo(Durations.parse(most)) <= 0)
                            .orElse(true));

    /** Lone surrogates, controls, line separators, and format characters such as those of the direction of text. */
    private static final Pattern HIDDEN = Pattern.compile("[\\p{Cs}\\p{Cc}\\p{Zl}\\p{Zp}[\\p{Cf}&&[^\\u200c\\u200d]]]");

    private Formats() {}

    private static boolean fits(String format, String text) {
        return switch (format) {
            case "duration" -> isParsed(Durations::parse, text);
            case "time" -> isParsed(text.indexOf('T') < 0 ? LocalDate::parse : OffsetDateTime::parse, text);
            case "day" -> isParsed(LocalDate::parse, text.strip());
            case "zone" -> isParsed(ZoneId::of, text.strip());
            case "name" -> hidden(text).isEmpty() && nfc(text).equals(text);
            default -> true;
        };
    }

    private static boolean isParsed(Consumer<String> parser, String text) {
        try {
            parser.accept(text);
            return true;
        } catch (DateTimeException | IllegalArgumentException e) {
            return false;
        }
    }

    private static Optional<Duration> duration(String text) {
        return fits("duration", text) ? Optional.of(Durations.parse(text)) : Optional.empty();
    }

    /** The first character of a name that cannot be seen, so that two names that look alike are one. */
    static Optional<String> hidden(String name) {
        Matcher hidden = HIDDEN.matcher(name);
        return hidden.find()
                ? Optional.of(String.format("U+%04X", hidden.group().codePointAt(0)))
                : Optional.empty();
    }

    /** The name in Unicode Normalization Form C. */
    static String nfc(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }
}
