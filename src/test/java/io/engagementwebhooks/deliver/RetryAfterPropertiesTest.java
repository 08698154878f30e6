package io.engagementwebhooks.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.judge.RetryAfter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** {@code Retry-After} with any value (semantics 13). */
class RetryAfterPropertiesTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final long TEN_YEARS = Duration.ofDays(3650).toSeconds();

    /** RFC 9110 section 5.6.7: the format that servers send. */
    private static final DateTimeFormatter IMF =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    /** The two obsolete formats. */
    private static final DateTimeFormatter RFC_850 =
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH);

    @Property
    void seconds_are_counted_from_now(@ForAll @LongRange(min = 1, max = 315_360_000) long seconds) {
        assertEquals(Optional.of(NOW.plusSeconds(seconds)), RetryAfter.of(" " + seconds + "\t", NOW));
    }

    @Property
    void a_wait_of_more_than_ten_years_is_cut_to_ten_years(@ForAll("digits") String digits) {
        Optional<Instant> until = RetryAfter.of("1" + digits, NOW);
        assertEquals(Optional.of(NOW.plusSeconds(TEN_YEARS)), until);
    }

    @Provide
    Arbitrary<String> digits() {
        return Arbitraries.strings().numeric().ofMinLength(9).ofMaxLength(400);
    }

    @Property
    void a_future_date_is_read_to_the_second(
            @ForAll @LongRange(min = -1_000_000_000, max = 1_000_000_000) long offset) {
        Instant date = NOW.plusSeconds(offset);
        Optional<Instant> expected = offset > 0 ? Optional.of(date) : Optional.empty();
        assertEquals(expected, RetryAfter.of(IMF.format(date.atOffset(ZoneOffset.UTC)), NOW));
        assertEquals(expected, RetryAfter.of(ASCTIME.format(date.atOffset(ZoneOffset.UTC)), NOW));
    }

    @Property
    void a_date_with_a_two_digit_year_is_read_if_it_is_near(
            @ForAll @LongRange(min = 1, max = 300_000_000) long offset) {
        Instant date = NOW.plusSeconds(offset);
        assertEquals(Optional.of(date), RetryAfter.of(RFC_850.format(date.atOffset(ZoneOffset.UTC)), NOW));
    }

    @Property
    void no_text_throws_or_gives_a_past_time(@ForAll("texts") String text) {
        RetryAfter.of(text, NOW).ifPresent(until -> assertTrue(until.isAfter(NOW), text));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(100),
                Arbitraries.strings().withChars("0123456789-+.eE, GMTuedayNov:").ofMaxLength(100),
                Arbitraries.longs().map(String::valueOf),
                Arbitraries.doubles().map(String::valueOf));
    }
}
