package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** Writes a message as one line: line breaks and terminal control characters are escaped as in Java. Thread-safe. */
public final class SingleLineConverter extends MessageConverter {

    @Override
    public String convert(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        return message == null ? "" : of(message);
    }

    static String of(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (breaks(text.charAt(i))) {
                return written(text);
            }
        }
        return text;
    }

    /** Whether a character must be escaped, including Unicode's line and paragraph separators. */
    private static boolean breaks(char sign) {
        return Character.isISOControl(sign) && sign != '\t' || sign == 0x2028 || sign == 0x2029;
    }

    private static String written(String text) {
        StringBuilder written = new StringBuilder(text.length() + 16);
        for (char sign : text.toCharArray()) {
            switch (sign) {
                case '\n' -> written.append("\\n");
                case '\r' -> written.append("\\r");
                default -> written.append(breaks(sign) ? String.format("\\u%04x", (int) sign) : sign);
            }
        }
        return written.toString();
    }
}
