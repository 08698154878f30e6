package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.List;
import java.util.stream.Collectors;

/** Writes an exception with indented lines, so that no line of its messages looks like a log line. Thread-safe. */
public final class StackTrace extends ThrowableProxyConverter {

    private static final List<String> BEGINNINGS = List.of("\t", "Caused by: ", "Wrapped by: ");

    @Override
    protected String throwableProxyToString(IThrowableProxy thrown) {
        String text = super.throwableProxyToString(thrown)
                .lines()
                .map(SingleLineConverter::of)
                .map(line -> BEGINNINGS.stream().anyMatch(line::startsWith) ? line : "\t" + line)
                .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
        return text.substring(1);
    }
}
