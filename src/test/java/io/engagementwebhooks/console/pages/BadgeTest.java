package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.console.DeliveryStatus;
import io.engagementwebhooks.console.HealthStatus;
import io.engagementwebhooks.deliver.ConnectionReport;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Validity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each badge state has its colors, and the style sheet has no other. */
class BadgeTest {

    private static final Path STYLE = Path.of("src/main/resources/console/console.css");
    private static final Path TEMPLATES = Path.of("src/main/jte");
    private static final Pattern STYLED = Pattern.compile("\\.badge\\.([a-z-]+)");
    private static final String BADGE = "@template.badge(state = ";
    private static final Pattern LITERAL = Pattern.compile("(?:^|[?:] )\"([a-z-]+)\"");

    /** States that are neither good nor bad and need no attention. */
    private static final Set<String> GREY =
            Set.of("skipped", "discarded", "coming", "idle", "not-sent", "no-traffic", "canceled", "deleted");

    /** States of the API that are derived from stored ones. */
    private static final List<String> SEEN_FROM_OUTSIDE = List.of("sending", "paused", "try-later", "not-sent");

    /** Minimum contrast by WCAG level AA for text of this size. */
    private static final double AA = 4.5;

    @Test
    void each_state_has_its_colours() throws IOException {
        Set<String> styled = found(STYLED, Files.readString(STYLE));
        Set<String> shown = shown();
        assertEquals(Set.of(), without(without(shown, styled), GREY), "console.css has no colours for them");
        assertEquals(Set.of(), without(styled, shown), "no badge shows them");
        assertEquals(Set.of(), without(GREY, shown), "no badge shows them");
    }

    /** Color is never the only sign: a state that needs attention, or ended well, has an icon. */
    @Test
    void each_state_that_has_a_colour_has_an_icon() throws IOException {
        for (String state : found(STYLED, Files.readString(STYLE))) {
            assertNotEquals("minus", Icon.ofState(state), state);
            assertTrue(Icon.path(Icon.ofState(state)).startsWith("M"), state);
        }
    }

    @Test
    void a_failing_connection_and_an_ended_key_have_an_error_badge() throws IOException {
        String trouble = rule(".badge.gave-up");
        assertEquals(trouble, rule(".badge.fault"));
        assertEquals(trouble, rule(".badge.expired"));
    }

    @Test
    void each_colour_of_a_badge_can_be_read_in_light_and_in_dark() throws IOException {
        String style = Files.readString(STYLE);
        for (String name : List.of("good", "wait", "bad", "idle")) {
            assertReadable(style, name, 1);
            assertReadable(style, name, 2);
        }
    }

    private static void assertReadable(String style, String name, int look) {
        double contrast = contrast(colour(style, name, look), colour(style, name + "-tint", look));
        assertTrue(contrast >= AA, name + " in " + (look == 1 ? "light" : "dark") + ": " + contrast);
    }

    /** Contrast by WCAG: the brighter color to the darker one. */
    private static double contrast(int one, int other) {
        double brighter = Math.max(luminance(one), luminance(other));
        double darker = Math.min(luminance(one), luminance(other));
        return (brighter + 0.05) / (darker + 0.05);
    }

    private static double luminance(int colour) {
        return 0.2126 * linear(colour >> 16 & 0xff)
                + 0.7152 * linear(colour >> 8 & 0xff)
                + 0.0722 * linear(colour & 0xff);
    }

    private static double linear(int channel) {
        double part = channel / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    }

    /** @param look 1: light, 2: dark */
    private static int colour(String style, String name, int look) {
        MatchResult colour = Pattern.compile("--" + name + ": light-dark\\(#([0-9a-f]{6}), #([0-9a-f]{6})\\);")
                .matcher(style)
                .results()
                .findFirst()
                .orElseThrow();
        return Integer.parseInt(colour.group(look), 16);
    }

    /** The style of a state. */
    private static String rule(String selector) throws IOException {
        return Files.readString(STYLE)
                .lines()
                .filter(line -> Arrays.asList(
                                line.replaceAll("\\{.*", "").strip().split(", "))
                        .contains(selector))
                .map(line -> line.substring(line.indexOf('{')))
                .collect(Collectors.joining());
    }

    private static Set<String> shown() throws IOException {
        Set<String> shown = new TreeSet<>(SEEN_FROM_OUTSIDE);
        try (Stream<Path> templates = Files.list(TEMPLATES)) {
            for (Path template : templates.toList()) {
                String text = Files.readString(template);
                for (int at = text.indexOf(BADGE); at >= 0; at = text.indexOf(BADGE, at + 1)) {
                    shown.addAll(found(LITERAL, state(text.substring(at + BADGE.length()))));
                }
            }
        }
        shown.addAll(List.of("bad", "warning")); // of the overview and of an expiry
        Stream.of(WebhookState.State.values()).map(WebhookState.State::text).forEach(shown::add);
        Stream.of(DeliveryStatus.values()).map(DeliveryStatus::text).forEach(shown::add);
        Stream.of(HealthStatus.values()).map(HealthStatus::text).forEach(shown::add);
        Stream.of(DeliveryState.values()).map(DeliveryState::text).forEach(shown::add);
        Stream.of(Validity.State.values()).map(Validity.State::text).forEach(shown::add);
        Stream.of(ConnectionReport.Level.values())
                .map(level -> level.name().toLowerCase(Locale.ROOT))
                .forEach(shown::add);
        return shown;
    }

    /** The expression at the start of a badge. */
    private static String state(String text) {
        int depth = 1;
        int end = 0;
        while (depth > 0) {
            char next = text.charAt(end++);
            depth += next == '(' ? 1 : next == ')' ? -1 : 0;
        }
        return text.substring(0, end - 1).split(", text = ")[0];
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> without(Set<String> all, Set<String> others) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(others);
        return rest;
    }
}
