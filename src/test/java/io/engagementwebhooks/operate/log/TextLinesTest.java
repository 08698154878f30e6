package io.engagementwebhooks.operate.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of the log as text, written as the product is shipped to. */
class TextLinesTest {

    private static final LoggerContext CONTEXT = new LoggerContext();
    private static final String FORGED =
            "2026-11-26T10:00:00.000Z INFO  console console.signed-in account=acme by=sso:ceo";
    private static OutputStreamAppender<ILoggingEvent> appender;

    @BeforeAll
    static void configure() throws JoranException {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(CONTEXT);
        configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
        AsyncAppender async =
                (AsyncAppender) CONTEXT.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("async");
        appender = (OutputStreamAppender<ILoggingEvent>) async.getAppender("text");
    }

    @AfterAll
    static void stop() {
        CONTEXT.stop();
    }

    /** As everything that takes a log apart may: Unicode has more ends of lines than Java. */
    private static List<String> lines(Throwable thrown, String message, Object... values) {
        LoggingEvent event = new LoggingEvent(
                TextLinesTest.class.getName(),
                CONTEXT.getLogger("webhooks.delivery"),
                Level.INFO,
                message,
                thrown,
                values);
        String text = new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
        assertTrue(text.endsWith("\n"), text);
        return List.of(text.split("\\R"));
    }

    @Test
    void a_line_has_time_level_logger_and_message() {
        List<String> lines = lines(null, "delivery.attempted event={} reason=\"{}\"", "é\t\\n", "it said \"later\"");
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(
                lines.get(0)
                        .matches("20\\S+ INFO  webhooks[.]delivery +delivery[.]attempted event=é\t\\\\n"
                                + " reason=\"it said \"later\"\""),
                lines.get(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\n", "\r", "\r\n", "\u000B", "\f", "\u0085", "\u2028", "\u2029", "\u001B[2K\u001B[G", "\b"})
    void no_value_adds_a_line(String end) {
        List<String> lines = lines(null, "console.sign-in-refused {}", "the provider said: x" + end + FORGED);
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.get(0).matches(".*said: x(\\\\r|\\\\n|\\\\u00[0-9a-f]{2}|\\\\u202[89]).*ceo"), lines.get(0));
        assertTrue(lines.get(0).chars().noneMatch(Character::isISOControl), lines.get(0));
    }

    @Test
    void an_exceptions_messages_do_not_look_like_log_lines() {
        Exception cause = new IllegalArgumentException("bad\n" + FORGED + "\u0085" + FORGED);
        Exception thrown = new IllegalStateException("broken\r\n" + FORGED, cause);
        thrown.addSuppressed(new IllegalStateException("beside\r" + FORGED));
        List<String> lines = lines(thrown, "it failed");
        assertTrue(lines.get(0).endsWith("it failed"), lines.get(0));
        assertEquals("java.lang.IllegalStateException: broken", lines.get(1));
        assertEquals("\t" + FORGED, lines.get(2));
        assertTrue(lines.get(3).startsWith("\tat " + TextLinesTest.class.getName()), lines.get(3));
        assertTrue(lines.contains("\tSuppressed: java.lang.IllegalStateException: beside"), lines::toString);
        assertTrue(lines.contains("Caused by: java.lang.IllegalArgumentException: bad"), lines::toString);
        assertTrue(lines.contains("\t" + FORGED + "\\u0085" + FORGED), lines::toString);
        assertEquals(
                List.of(lines.get(0)),
                lines.stream().filter(line -> line.startsWith("20")).toList());
    }
}
